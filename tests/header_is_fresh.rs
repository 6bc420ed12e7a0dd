//! Do the committed C headers say what the Rust sources say?
//!
//! The public headers under `include/` have parts between markers that are generated: enums from the constants of
//! `src/abi/layout`, types and prototypes by cbindgen from all of `src/abi`. `tests/abi/headers-4.3.tsv` tells which
//! header holds which name, and has the prototypes of what no Rust source defines (yet): variadic functions, data, and
//! functions still to be written. When a function appears in Rust, its declaration and doc come from there instead.
//!
//! `OXLWS_BLESS=1 cargo test --test header_is_fresh` rewrites the generated parts.
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const UMBRELLA: &str = "libwebsockets.h";
/// What the original does not have: names that begin with `oxlws_`.
const COMPANION: &str = "oxlws.h";

#[test]
fn committed_headers_match_the_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let placement = Placement::read(&root.join("tests/abi/headers-4.3.tsv"));
    let (regions, mut problems) = generate(root, &placement);
    // A header is rewritten only if everything could be placed: half of it would be worse than a stale one.
    let bless = problems.is_empty() && std::env::var_os("OXLWS_BLESS").is_some_and(|value| value == "1");
    for (header, wanted) in &regions {
        let path = root.join("include").join(header);
        let old = fs::read_to_string(&path).unwrap_or_default();
        match fill(&old, wanted) {
            Err(problem) => problems.push(format!("{header}: {problem}")),
            Ok(new) if new == old => {}
            Ok(new) if bless => fs::write(&path, new).expect("writing a header"),
            Ok(new) => problems.push(format!("{header} is stale:\n{}", first_difference(&old, &new))),
        }
    }
    for path in files_below(&root.join("include"), "h") {
        let text = fs::read_to_string(&path).expect("reading a header");
        let name = path.strip_prefix(root.join("include")).expect("below include/").to_string_lossy().into_owned();
        if text.contains("/* generated:") && !regions.contains_key(&name) {
            problems.push(format!("{name} has a marker, but nothing belongs there"));
        }
    }
    assert!(
        problems.is_empty(),
        "{}\n(rewrite with: OXLWS_BLESS=1 cargo test --test header_is_fresh)",
        problems.join("\n")
    );
}

/// The constants that Rust code uses have the values that C programs see (enums and macros alike).
#[test]
fn constants_agree_with_the_headers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut source = String::from("#include <libwebsockets.h>\n");
    let mut count = 0;
    for path in files_below(&root.join("src/abi/layout"), "rs").into_iter().filter(|path| !is_of_4_1(path)) {
        for constant in constants(&fs::read_to_string(path).expect("reading a source")) {
            let value = constant.number();
            writeln!(source, "_Static_assert(({}) == ({value}), \"{}\");", constant.name, constant.name).expect("text");
            count += 1;
        }
    }
    assert!(count > 400, "only {count} constants found");
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = dir.join("constants.c");
    fs::write(&file, source).expect("writing the check");
    let cc = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let output = std::process::Command::new(cc)
        .args(["-fsyntax-only", "-std=gnu11", "-I"])
        .arg(root.join("include"))
        .arg(&file)
        .output()
        .expect("running the C compiler");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Layouts and functions of the soname 17 product alone, whose headers are not generated.
fn is_of_4_1(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "v4_1")
}

/// Which kind of text goes between which markers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Region {
    Forward,
    Enums,
    Types,
    Functions,
}

impl Region {
    const ALL: [(Region, &'static str); 4] = [
        (Region::Forward, "forward"),
        (Region::Enums, "enums"),
        (Region::Types, "types"),
        (Region::Functions, "functions"),
    ];
}

type Regions = BTreeMap<String, BTreeMap<Region, Vec<String>>>;

/// One row of the placement list: where a name is declared, and for functions and data its C text.
struct Place {
    kind: String,
    header: String,
    text: String,
}

struct Placement {
    rows: BTreeMap<(bool, String), Place>,
}

impl Placement {
    fn read(path: &Path) -> Self {
        let mut rows = BTreeMap::new();
        for line in fs::read_to_string(path).expect("the placement list").lines() {
            let mut columns = line.split('\t');
            let mut next = || columns.next().unwrap_or_default().to_string();
            let (kind, name, header, text) = (next(), next(), next(), next());
            let callable = matches!(kind.as_str(), "function" | "variadic" | "data" | "hidden");
            rows.insert((callable, name), Place { kind, header, text });
        }
        Self { rows }
    }

    fn type_of(&self, name: &str) -> Option<&Place> {
        self.rows.get(&(false, name.to_string()))
    }

    fn callables(&self) -> impl Iterator<Item = (&String, &Place)> {
        self.rows.iter().filter(|((callable, _), _)| *callable).map(|((_, name), place)| (name, place))
    }
}

/// All generated text by header and region, and what could not be placed.
fn generate(root: &Path, placement: &Placement) -> (Regions, Vec<String>) {
    let mut regions = Regions::new();
    let mut problems = Vec::new();
    let mut put = |header: &str, region: Region, text: String| {
        regions.entry(header.to_string()).or_default().entry(region).or_default().push(text);
    };
    // cbindgen follows `mod` by itself; file by file, one that does not parse does not hide the others.
    let mut sources = files_below(&root.join("src/abi"), "rs");
    sources.retain(|path| !is_of_4_1(path));
    let (modules, mut sources): (Vec<_>, Vec<_>) =
        sources.into_iter().partition(|path| path.file_name().is_some_and(|name| name == "mod.rs"));
    sources.extend(modules.iter().map(|path| without_modules(root, path)));
    let groups: Vec<_> = enum_groups(&sources).into_iter().filter(|group| group.place(placement).is_some()).collect();
    for group in &groups {
        if let Some(place) = group.place(placement) {
            put(&place.header, Region::Enums, group.in_c(&place.kind));
        }
    }
    let items = split(&bindings(root, &sources, &groups, placement, &mut problems));
    let mut opaque = BTreeMap::new();
    let mut defined = BTreeSet::new();
    let mut prototypes = BTreeMap::new();
    for item in items {
        match item.kind {
            // The companion header declares its own by hand, and those of rustls.h.
            Kind::Opaque if item.name.starts_with("oxlws_") || item.name.starts_with("rustls_") => {}
            Kind::Opaque => drop(opaque.insert(item.name, item.text)),
            Kind::Function => drop(prototypes.insert(item.name, item.text)),
            Kind::Record | Kind::Typedef => {
                // A union or struct without a name in C is a member of one that has one: `lws_log_cx_u`.
                let mut named = item.name.as_str();
                while placement.type_of(named).is_none() {
                    match named.rfind('_') {
                        Some(end) => named = &named[..end],
                        None => break,
                    }
                }
                match placement.type_of(named) {
                    None if item.name.starts_with("oxlws_") => put(COMPANION, Region::Types, item.text),
                    Some(place) => put(&place.header, Region::Types, item.text),
                    None => problems.push(format!("type {} is not in the placement list", item.name)),
                }
                if item.kind == Kind::Record {
                    defined.insert(item.name);
                }
            }
        }
    }
    let variadic = variadic_comments(&root.join("src/abi/variadic.rs"));
    for (name, place) in placement.callables() {
        let from_rust = prototypes.remove(name);
        let text = match place.kind.as_str() {
            "hidden" => continue,
            "function" => from_rust.unwrap_or_else(|| wrap(&place.text)),
            _ => format!("{}{}", variadic.get(name).map_or("", String::as_str), wrap(&place.text)),
        };
        if place.kind != "data" && !text.starts_with("/**") {
            problems.push(format!("{name} has no comment that says what it does"));
        }
        put(&place.header, Region::Functions, text);
    }
    for (name, text) in prototypes {
        if name.starts_with("oxlws_impl_") {
            // Our own C behind variadic functions.
        } else if name.starts_with("oxlws_") {
            put(COMPANION, Region::Functions, text);
        } else {
            problems.push(format!("{name} is exported but the original has no such function"));
        }
    }
    for tag in mentioned_tags(&regions) {
        if opaque.contains_key(&tag) {
            continue;
        }
        if placement.type_of(&tag).is_some_and(|place| place.kind == "struct") {
            opaque.insert(tag.clone(), format!("struct {tag};"));
        }
    }
    let forward = opaque.into_values().collect();
    regions.entry(UMBRELLA.into()).or_default().insert(Region::Forward, forward);
    (regions, problems)
}

/// A copy of a `mod.rs` that has its own functions only, where cbindgen would follow its `mod` lines.
fn without_modules(root: &Path, path: &Path) -> PathBuf {
    let text = fs::read_to_string(path).expect("reading a source");
    let is_module = |line: &&str| line.ends_with(';') && (line.starts_with("mod ") || line.starts_with("pub mod "));
    let own: Vec<&str> = text.lines().filter(|line| !is_module(line)).collect();
    let relative = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('/', "-");
    let copy = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(relative);
    fs::write(&copy, own.join("\n")).expect("writing the copy");
    copy
}

/// The comments of variadic functions, whose Rust side has no prototype: it stands in front of the comment's text, as
/// `` `int f(...)`: what it does``.
fn variadic_comments(path: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(path).expect("reading variadic.rs");
    let (mut comments, mut comment) = (BTreeMap::new(), Vec::new());
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("///") {
            comment.push(words.strip_prefix(' ').unwrap_or(words));
        } else if let Some(rest) = line.strip_prefix("pub unsafe extern \"C\" fn ") {
            let name = rest.split('(').next().unwrap_or_default();
            let all = comment.join("\n");
            let (_, words) =
                all.split_once("`:").map(|(prototype, words)| (prototype, words.trim_start())).unwrap_or(("", &all));
            let words = words.replace("[`", "`").replace("`]", "`");
            let mut lines: Vec<&str> = words.lines().collect();
            // The prototype is gone: the first line begins as a sentence does.
            let first = lines.first().copied().unwrap_or_default();
            let sentence = first[..first.len().min(1)].to_uppercase() + first.get(1..).unwrap_or_default();
            if let Some(line) = lines.first_mut() {
                *line = &sentence;
            }
            let text = match &lines[..] {
                [only] => format!("/** {only} */\n"),
                all => {
                    let all: Vec<String> = all.iter().map(|line| format!(" * {line}").trim_end().to_string()).collect();
                    format!("/**\n{}\n */\n", all.join("\n"))
                }
            };
            comments.insert(name.to_string(), text);
            comment.clear();
        } else if !line.starts_with("#[") {
            comment.clear();
        }
    }
    assert!(!comments.is_empty(), "no variadic functions found");
    comments
}

/// What cbindgen makes of the sources.
fn bindings(
    root: &Path,
    sources: &[PathBuf],
    groups: &[Group],
    placement: &Placement,
    problems: &mut Vec<String>,
) -> String {
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml");
    for group in groups {
        config.export.exclude.push(group.name.clone());
        if group.place(placement).is_some_and(|place| place.kind == "enum") {
            config.export.rename.insert(group.name.clone(), format!("enum {}", group.name));
        }
    }
    config.export.exclude.extend(config.export.rename.keys().cloned().collect::<Vec<_>>());
    for path in sources.iter().filter(|path| path.components().any(|part| part.as_os_str() == "layout")) {
        for line in fs::read_to_string(path).expect("reading a source").lines() {
            let name = ["pub struct ", "pub union ", "pub type "].iter().find_map(|start| line.strip_prefix(start));
            let name = name.map(|rest| rest.split(|c: char| !is_name(c)).next().unwrap_or_default().to_string());
            config.export.include.extend(name.filter(|name| !config.export.exclude.contains(name)));
        }
    }
    let mut builder = cbindgen::Builder::new().with_config(config);
    for path in sources {
        // A file that does not parse is reported, and its functions keep the prototypes of the placement list.
        match cbindgen::Builder::new().with_src(path).generate() {
            Ok(_) => builder = builder.with_src(path),
            Err(error) => problems.push(format!("{}: {error}", path.display())),
        }
    }
    let mut text = Vec::new();
    builder.generate().expect("cbindgen reads the sources").write(&mut text);
    String::from_utf8(text).expect("cbindgen writes UTF-8")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Opaque,
    Record,
    Typedef,
    Function,
}

/// One declaration of the generated text with its comment.
struct Item {
    kind: Kind,
    name: String,
    text: String,
}

/// Splits generated text into its declarations.
fn split(text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let (mut comment, mut in_comment, mut depth) = (Vec::new(), false, 0usize);
    let (mut head, mut code) = (String::new(), String::new());
    for line in text.lines().map(str::trim_end) {
        if in_comment || line.trim_start().starts_with("/*") {
            comment.push(line.trim_start().replace("* # ", "* "));
            in_comment = !line.ends_with("*/");
        } else if !line.is_empty() {
            match depth {
                0 => head += &comment_lines(&mut comment, ""),
                _ => code += &comment_lines(&mut comment, "\t"),
            }
            depth = (depth + line.matches('{').count()).saturating_sub(line.matches('}').count());
            let _ = writeln!(code, "{}", wrap(&in_our_style(line)));
            if depth == 0 && line.ends_with(';') {
                let (kind, name) = what_is(&code);
                items.push(Item { kind, name, text: format!("{head}{}", code.trim_end()) });
                (head, code) = (String::new(), String::new());
            }
        }
    }
    assert!(code.is_empty(), "unfinished declaration: {code}");
    items
}

/// A comment as cbindgen prints it, on one line if it has only one.
fn comment_lines(lines: &mut Vec<String>, indent: &str) -> String {
    let text = match &lines[..] {
        [open, only, close] if open == "/**" && close == "*/" => {
            format!("{indent}/** {} */\n", only.trim_start_matches("* "))
        }
        all => all.iter().fold(String::new(), |mut text, line| {
            let space = if line.starts_with('*') { " " } else { "" };
            let _ = writeln!(text, "{indent}{space}{line}");
            text
        }),
    };
    lines.clear();
    text
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn what_is(code: &str) -> (Kind, String) {
    let last_name = |text: &str| {
        let end = text.trim_end_matches(|c| !is_name(c));
        end[end.rfind(|c| !is_name(c)).map_or(0, |at| at + 1)..].to_string()
    };
    let head = code.split(['{', ';']).next().unwrap_or_default();
    if let Some(rest) = head.strip_prefix("typedef ") {
        let name = match rest.split_once("(*") {
            Some((_, name)) => name.split(')').next().unwrap_or_default().to_string(),
            None => last_name(rest),
        };
        return (Kind::Typedef, name);
    }
    match (code.contains('{'), head.split_once('(')) {
        (true, _) => (Kind::Record, last_name(head)),
        (false, Some((before, _))) => (Kind::Function, last_name(before)),
        (false, None) => (Kind::Opaque, last_name(head)),
    }
}

/// `char*` and `x * y` as `char *` and `x *y`, tabs for indentation, and no parameter called as C++ calls something else.
fn in_our_style(line: &str) -> String {
    const CPP_WORDS: [&str; 9] =
        ["class", "new", "delete", "this", "template", "namespace", "private", "public", "operator"];
    let body = line.trim_start();
    let indent = line.len() - body.len();
    let mut out = "\t".repeat(indent / 8) + &" ".repeat(indent % 8);
    let mut rest = body.trim_end().replace("* ", "*");
    while let Some(c) = rest.chars().next() {
        let word: String = rest.chars().take_while(|c| is_name(*c)).collect();
        if CPP_WORDS.contains(&word.as_str()) || (c == '*' && out.ends_with(is_name)) {
            out.push(if c == '*' { ' ' } else { '_' });
        }
        let end = if word.is_empty() { c.len_utf8() } else { word.len() };
        out.extend(rest.drain(..end));
    }
    out
}

/// A long line broken at commas.
fn wrap(text: &str) -> String {
    let (mut out, mut column) = (String::new(), 0);
    for word in text.split_inclusive(", ") {
        if column > 0 && column + word.trim_end().len() > 100 {
            out.truncate(out.trim_end().len());
            out.push_str("\n\t\t");
            column = 16;
        }
        out.push_str(word);
        column += word.len();
    }
    out
}

/// The tags that generated text mentions, apart from those of the system.
fn mentioned_tags(regions: &Regions) -> BTreeSet<String> {
    let mut tags = BTreeSet::new();
    for text in regions.values().flat_map(|by_region| by_region.values()).flatten() {
        for after in text.split("struct ").skip(1) {
            tags.insert(after.split(|c| !is_name(c)).next().unwrap_or_default().to_string());
        }
    }
    tags
}

/// A `pub const` of the layout sources.
struct Constant {
    doc: Vec<String>,
    name: String,
    group: String,
    value: String,
}

impl Constant {
    /// The value without the newtype around it, as C can read it.
    fn number(&self) -> &str {
        let value = self.value.strip_prefix(self.group.as_str()).unwrap_or(&self.value);
        value.trim_start_matches('(').trim_end_matches(')')
    }
}

fn constants(source: &str) -> Vec<Constant> {
    let mut found = Vec::new();
    let mut doc = Vec::new();
    for statement in source.split_inclusive('\n').map(str::trim_end).fold(Vec::<String>::new(), |mut lines, line| {
        match lines.last_mut() {
            Some(last) if last.starts_with("pub const ") && !last.ends_with(';') => {
                last.push(' ');
                last.push_str(line.trim_start());
            }
            _ => lines.push(line.to_string()),
        }
        lines
    }) {
        if let Some(text) = statement.strip_prefix("/// ") {
            doc.push(text.to_string());
            continue;
        }
        let parts = statement.strip_prefix("pub const ").and_then(|rest| rest.trim_end_matches(';').split_once(": "));
        if let Some((name, (group, value))) = parts.and_then(|(name, rest)| Some((name, rest.split_once(" = ")?))) {
            let (name, group, value) = (name.to_string(), group.to_string(), value.to_string());
            found.push(Constant { doc: std::mem::take(&mut doc), name, group, value });
        }
        doc.clear();
    }
    found
}

/// The constants that make up one C enum.
struct Group {
    name: String,
    doc: Vec<String>,
    members: Vec<Constant>,
}

impl Group {
    fn place<'a>(&self, placement: &'a Placement) -> Option<&'a Place> {
        let anonymous = || placement.type_of(&self.members.first()?.name).filter(|p| p.kind == "enum-anonymous");
        placement.type_of(&self.name).filter(|place| place.kind.starts_with("enum")).or_else(anonymous)
    }

    fn in_c(&self, kind: &str) -> String {
        let mut out = format!("/** {} */\n", self.doc.join("\n * "));
        out += &match kind {
            "enum" => format!("enum {} {{\n", self.name),
            "enum-typedef" => "typedef enum {\n".to_string(),
            _ => "enum {\n".to_string(),
        };
        for (at, member) in self.members.iter().enumerate() {
            if !member.doc.is_empty() {
                let _ = writeln!(out, "\t/** {} */", member.doc.join("\n\t * "));
            }
            let comma = if at + 1 < self.members.len() { "," } else { "" };
            let _ = writeln!(out, "\t{} = {}{comma}", member.name, member.number());
        }
        out + &if kind == "enum-typedef" { format!("}} {};", self.name) } else { "};".to_string() }
    }
}

/// The enums of the layout sources: types that have constants and stand alone, in source order.
fn enum_groups(sources: &[PathBuf]) -> Vec<Group> {
    let mut groups = Vec::new();
    for path in sources.iter().filter(|path| path.components().any(|part| part.as_os_str() == "layout")) {
        let source = fs::read_to_string(path).expect("reading a source");
        let mut all = constants(&source);
        let mut doc = Vec::new();
        for line in source.lines() {
            if let Some(text) = line.strip_prefix("/// ") {
                doc.push(text.to_string());
                continue;
            }
            if line.starts_with("#[") {
                continue;
            }
            let newtype = line.strip_prefix("pub struct ").and_then(|rest| rest.split_once("(pub "));
            let alias = line.strip_prefix("pub type ").and_then(|rest| rest.split_once(" = "));
            if let Some((name, _)) = newtype.or(alias) {
                let is_integer = newtype.is_some() || alias.is_some_and(|(_, ty)| is_plain_integer(ty));
                let (members, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|c| is_integer && c.group == name);
                all = rest;
                if !members.is_empty() {
                    groups.push(Group { name: name.to_string(), doc: std::mem::take(&mut doc), members });
                }
            }
            doc.clear();
        }
    }
    groups
}

fn is_plain_integer(ty: &str) -> bool {
    let ty = ty.trim_end_matches(';');
    matches!(ty, "u8" | "u16" | "u32" | "usize") || (ty.starts_with("c_") && ty != "c_void")
}

/// Replaces what is between the markers of a header; every region must have its markers.
fn fill(old: &str, wanted: &BTreeMap<Region, Vec<String>>) -> Result<String, String> {
    let mut text = old.to_string();
    for (region, name) in Region::ALL {
        let (start, end) = (format!("/* generated:{name} */\n"), format!("/* end of generated:{name} */\n"));
        let separator = if region == Region::Forward { "\n" } else { "\n\n" };
        let body = wanted.get(&region).map(|items| items.join(separator));
        match (text.find(&start), text.find(&end), body) {
            (None, None, None) => {}
            (Some(from), Some(to), body) if from < to => {
                let body = body.unwrap_or_default();
                let body = if body.is_empty() { body } else { format!("\n{body}\n\n") };
                text.replace_range(from + start.len()..to, &body);
            }
            _ => return Err(format!("needs the markers \"generated:{name}\" and \"end of generated:{name}\"")),
        }
    }
    Ok(text)
}

fn first_difference(old: &str, new: &str) -> String {
    let at = old.lines().zip(new.lines()).take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(at).unwrap_or("(end of file)").to_string();
    format!("  line {}: committed {:?}, generated {:?}", at + 1, line(old), line(new))
}

/// All files with an extension below a folder, sorted.
fn files_below(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![dir.to_path_buf()];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(&dir).expect("reading a folder") {
            let path = entry.expect("reading a folder").path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
