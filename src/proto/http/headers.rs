//! Where do the headers of one message live, and how does a program read them?
//!
//! A [`HeaderTable`] holds the text of one parsed head: known headers as *fragments* under their [`Token`] in order of
//! arrival, the url path under its method's token, url arguments one fragment each, and unknown ("custom") headers by
//! name. The getters give what the C interface has always shown, including one peculiarity: a repeated header keeps the
//! blank after its colon and gains another, so two lines `Accept: a` and `Accept: b` join as `a,  b`. Library code that
//! wants the plain values uses [`HeaderTable::values`].
//!
//! The table is bounded by [`Limits`]; text is stored with a NUL behind each piece, so that the C edge can hand out
//! pointers that stay valid as long as the table is neither cleared nor dropped.

use super::method::Method;
use super::token::Token;

/// How much a table may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text: url path, arguments, values, and names of custom headers. Names of known headers are free.
    pub text_bytes: usize,
    /// Fragments of known tokens: every header line, the path and each url argument takes one.
    pub fragments: usize,
}

impl Default for Limits {
    /// The defaults of `max_http_header_data` (4096) and of the original's slot table.
    fn default() -> Self {
        Limits { text_bytes: 4096, fragments: 95 }
    }
}

/// Why something could not be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFull {
    /// [`Limits::text_bytes`] would be exceeded.
    Text,
    /// [`Limits::fragments`] would be exceeded.
    Fragments,
}

/// The destination of a copy is too small; nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooSmall;

/// The headers of one message.
#[derive(Debug, Clone)]
pub struct HeaderTable {
    limits: Limits,
    text: Vec<u8>,
    /// Bytes counted against the limit; less than `text` holds, which also has the NULs.
    used_bytes: usize,
    fragments: Vec<Fragment>,
    custom: Vec<Custom>,
}

#[derive(Debug, Clone, Copy)]
struct Fragment {
    token: Token,
    piece: Piece,
}

#[derive(Debug, Clone, Copy)]
struct Custom {
    /// Lower case, with the colon.
    name: Piece,
    value: Piece,
}

/// A stretch of `text`; a NUL follows it.
#[derive(Debug, Clone, Copy)]
struct Piece {
    start: usize,
    len: usize,
}

impl HeaderTable {
    /// An empty table; allocates when the first piece is stored.
    pub fn new(limits: Limits) -> Self {
        HeaderTable { limits, text: Vec::new(), used_bytes: 0, fragments: Vec::new(), custom: Vec::new() }
    }

    /// Makes room for a head of `wire_bytes` bytes in one go.
    pub fn reserve(&mut self, wire_bytes: usize) {
        self.text.reserve(wire_bytes.min(self.limits.text_bytes));
        self.fragments.reserve(USUAL_FRAGMENTS.min(self.limits.fragments));
    }

    /// Forgets everything but keeps the memory for the next message.
    pub fn clear(&mut self) {
        self.text.clear();
        self.used_bytes = 0;
        self.fragments.clear();
        self.custom.clear();
    }

    /// Stores the value of a known header line; `raw` is what follows the colon, leading blanks included.
    ///
    /// The first line of a token loses its leading blanks, later ones keep them and get one more in front.
    pub fn add(&mut self, token: Token, raw: &[u8]) -> Result<(), TableFull> {
        // A program asks for the origin in one place, whichever of the two header names the peer used.
        let token = if token == Token::SwOrigin { Token::Origin } else { token };
        if self.has(token) {
            self.store_fragment(token, &[b" ", raw])
        } else {
            self.store_fragment(token, &[trim_blanks_start(raw)])
        }
    }

    /// Stores `text` as it is as the next fragment of `token` (url path, url arguments, status line).
    pub fn add_fragment(&mut self, token: Token, text: &[u8]) -> Result<(), TableFull> {
        self.store_fragment(token, &[text])
    }

    /// Stores a header that has no token. `name` is without colon, in any case; leading blanks of `raw` are dropped.
    pub fn add_custom(&mut self, name: &[u8], raw: &[u8]) -> Result<(), TableFull> {
        let value = trim_blanks_start(raw);
        self.check_room(name.len() + 1 + value.len())?;
        let name = self.store(&[name, b":"]);
        if let Some(stored) = self.text.get_mut(name.start..name.start + name.len) {
            stored.make_ascii_lowercase();
        }
        let value = self.store(&[value]);
        self.custom.push(Custom { name, value });
        Ok(())
    }

    /// Replaces all fragments of `token` by one. Used to show the user name instead of the credentials.
    ///
    /// A text that is not longer than the first fragment reuses its place, so pointers handed out before stay valid.
    pub fn replace(&mut self, token: Token, text: &[u8]) -> Result<(), TableFull> {
        let Some(position) = self.fragments.iter().position(|fragment| fragment.token == token) else {
            return self.add_fragment(token, text);
        };
        let mut index = 0;
        self.fragments.retain(|fragment| {
            let keep = fragment.token != token || index == position;
            index += 1;
            keep
        });
        let Some(old) = self.fragments.get(position).map(|fragment| fragment.piece) else { return Ok(()) };
        let piece = match self.text.get_mut(old.start..old.start + old.len) {
            Some(place) if text.len() <= place.len() => {
                let (kept, rest) = place.split_at_mut(text.len());
                kept.copy_from_slice(text);
                rest.fill(0);
                Piece { start: old.start, len: text.len() }
            }
            _ => {
                self.check_room(text.len())?;
                self.store(&[text])
            }
        };
        if let Some(fragment) = self.fragments.get_mut(position) {
            fragment.piece = piece;
        }
        Ok(())
    }

    /// Drops what `token` holds beyond `max_bytes`, all fragments taken together (`info.token_limits`).
    pub fn limit_token(&mut self, token: Token, max_bytes: usize) {
        let mut room = max_bytes;
        let Self { fragments, text, .. } = self;
        fragments.retain_mut(|fragment| {
            if fragment.token != token {
                return true;
            }
            let piece = &mut fragment.piece;
            let is_cut = piece.len > room;
            if is_cut {
                piece.len = room;
                if let Some(end) = text.get_mut(piece.start + piece.len) {
                    *end = 0;
                }
            }
            room -= piece.len;
            // A fragment of which nothing is left goes altogether.
            !(is_cut && piece.len == 0)
        });
    }

    /// Whether any fragment of `token` was stored (it may be empty).
    pub fn has(&self, token: Token) -> bool {
        self.fragments.iter().any(|fragment| fragment.token == token)
    }

    /// Length of all fragments of `token` joined with their separator; 0 if absent.
    pub fn total_length(&self, token: Token) -> usize {
        let (count, bytes) = self.fragments(token).fold((0usize, 0), |(n, sum), text| (n + 1, sum + text.len()));
        bytes + count.saturating_sub(1)
    }

    /// Copies the joined fragments and a NUL to `dst`. Returns the length without the NUL, 0 if absent.
    ///
    /// Fragments are joined by [`Token::separator`]. `dst` needs one byte more than [`Self::total_length`].
    pub fn copy(&self, token: Token, dst: &mut [u8]) -> Result<usize, TooSmall> {
        let total = self.total_length(token);
        if dst.len() <= total {
            return Err(TooSmall);
        }
        let mut at = 0;
        for (n, text) in self.fragments(token).enumerate() {
            if n > 0 {
                dst[at] = token.separator();
                at += 1;
            }
            dst[at..at + text.len()].copy_from_slice(text);
            at += text.len();
        }
        dst[at] = 0;
        Ok(at)
    }

    /// The joined fragments as an owned text; `None` if absent.
    pub fn joined(&self, token: Token) -> Option<Vec<u8>> {
        let mut fragments = self.fragments(token);
        let mut out = fragments.next()?.to_vec();
        for text in fragments {
            out.push(token.separator());
            out.extend_from_slice(text);
        }
        Some(out)
    }

    /// Fragment `n` of `token`, counted from 0, as stored.
    pub fn fragment(&self, token: Token, n: usize) -> Option<&[u8]> {
        self.fragments(token).nth(n)
    }

    /// All fragments of `token` as stored, in order of arrival.
    pub fn fragments(&self, token: Token) -> impl Iterator<Item = &[u8]> {
        self.fragments.iter().filter(move |fragment| fragment.token == token).map(|fragment| self.piece(fragment.piece))
    }

    /// All values of `token` without blanks around them, in order of arrival: what the peer meant.
    pub fn values(&self, token: Token) -> impl Iterator<Item = &[u8]> {
        self.fragments(token).map(|text| trim_blanks_end(trim_blanks_start(text)))
    }

    /// The first fragment of `token`; later ones are not seen here.
    pub fn simple(&self, token: Token) -> Option<&[u8]> {
        self.fragments(token).next()
    }

    /// As [`Self::simple`], with the NUL that follows the text.
    #[cfg(test)]
    pub fn simple_with_nul(&self, token: Token) -> Option<&[u8]> {
        let piece = self.fragments.iter().find(|fragment| fragment.token == token)?.piece;
        self.text.get(piece.start..piece.start + piece.len + 1)
    }

    /// Whether the comma lists of all lines of `token` contain `word` (any case, blanks ignored, RFC 9110 §5.6.1).
    pub fn list_has(&self, token: Token, word: &[u8]) -> bool {
        self.list(token).any(|item| item.eq_ignore_ascii_case(word))
    }

    /// The members of the comma lists of all lines of `token`, blanks trimmed, empty ones left out.
    pub fn list(&self, token: Token) -> impl Iterator<Item = &[u8]> {
        self.fragments(token)
            .flat_map(|text| text.split(|&byte| byte == b','))
            .map(|item| trim_blanks_end(trim_blanks_start(item)))
            .filter(|item| !item.is_empty())
    }

    /// The value of a header without a token; `name` with its colon, in any case. The first one if it is repeated.
    pub fn custom(&self, name: &[u8]) -> Option<&[u8]> {
        let found = self.custom.iter().find(|custom| self.piece(custom.name).eq_ignore_ascii_case(name))?;
        Some(self.piece(found.value))
    }

    /// Names (lower case, with colon) and values of the headers without a token, in order of arrival.
    pub fn custom_headers(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.custom.iter().map(|custom| (self.piece(custom.name), self.piece(custom.value)))
    }

    /// The names alone, as `lws_hdr_custom_name_foreach` shows them.
    pub fn custom_names(&self) -> impl Iterator<Item = &[u8]> {
        self.custom_headers().map(|(name, _)| name)
    }

    /// The value of the first url argument that begins with `name`.
    ///
    /// `name` may end with `=`. Without it "a" also finds "ab=1" and gives "b=1": that is how the C function has always
    /// compared. An argument (with its name) of `room` bytes or more ends the search; `usize::MAX` for no such limit.
    pub fn url_arg(&self, name: &[u8], room: usize) -> Option<&[u8]> {
        for argument in self.fragments(Token::HttpUriArgs) {
            if argument.len() >= room {
                return None;
            }
            if let Some(rest) = argument.strip_prefix(name) {
                return Some(rest.strip_prefix(b"=").unwrap_or(rest));
            }
        }
        None
    }

    /// Method and path of a request; `None` for the table of a response.
    pub fn method_and_path(&self) -> Option<(Method, &[u8])> {
        Method::ALL.into_iter().find_map(|method| Some((method, self.simple(method.token())?)))
    }

    fn store_fragment(&mut self, token: Token, parts: &[&[u8]]) -> Result<(), TableFull> {
        if self.fragments.len() >= self.limits.fragments {
            return Err(TableFull::Fragments);
        }
        self.check_room(parts.iter().map(|part| part.len()).sum())?;
        let piece = self.store(parts);
        self.fragments.push(Fragment { token, piece });
        Ok(())
    }

    fn check_room(&self, more: usize) -> Result<(), TableFull> {
        if more > self.limits.text_bytes.saturating_sub(self.used_bytes) {
            return Err(TableFull::Text);
        }
        Ok(())
    }

    fn store(&mut self, parts: &[&[u8]]) -> Piece {
        let start = self.text.len();
        for part in parts {
            self.text.extend_from_slice(part);
        }
        let len = self.text.len() - start;
        self.used_bytes += len;
        self.text.push(0);
        Piece { start, len }
    }

    fn piece(&self, piece: Piece) -> &[u8] {
        self.text.get(piece.start..piece.start + piece.len).unwrap_or_default()
    }
}

impl Default for HeaderTable {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

/// `text` without the blanks (space, tab) it begins with.
pub fn trim_blanks_start(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
    text.get(blanks..).unwrap_or_default()
}

/// `text` without the blanks (space, tab) it ends with.
pub fn trim_blanks_end(text: &[u8]) -> &[u8] {
    let blanks = text.iter().rev().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
    text.get(..text.len() - blanks).unwrap_or_default()
}

/// What a browser's request needs, more or less.
const USUAL_FRAGMENTS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> HeaderTable {
        HeaderTable::default()
    }

    fn copied(table: &HeaderTable, token: Token) -> Vec<u8> {
        let mut dst = [0xffu8; 200];
        let len = table.copy(token, &mut dst).unwrap();
        assert_eq!(dst[len], 0);
        dst[..len].to_vec()
    }

    #[test]
    fn repeated_header_keeps_its_blank_and_gains_one() {
        let mut table = table();
        table.add(Token::HttpAccept, b" a/b").unwrap();
        table.add(Token::HttpAccept, b" c/d").unwrap();
        assert_eq!(copied(&table, Token::HttpAccept), b"a/b,  c/d");
        assert_eq!(table.total_length(Token::HttpAccept), 9);
        assert_eq!(table.fragment(Token::HttpAccept, 0), Some(&b"a/b"[..]));
        assert_eq!(table.fragment(Token::HttpAccept, 1), Some(&b"  c/d"[..]));
        assert_eq!(table.fragment(Token::HttpAccept, 2), None);
        assert_eq!(table.values(Token::HttpAccept).collect::<Vec<_>>(), [&b"a/b"[..], b"c/d"]);
        assert_eq!(table.simple(Token::HttpAccept), Some(&b"a/b"[..]));
        assert_eq!(table.simple_with_nul(Token::HttpAccept), Some(&b"a/b\0"[..]));
    }

    #[test]
    fn cookies_join_with_semicolon_and_arguments_with_ampersand() {
        let mut table = table();
        table.add(Token::HttpCookie, b"a=1").unwrap();
        table.add(Token::HttpCookie, b"b=2").unwrap();
        for argument in [&b"a=1"[..], b"b=two words", b"c", b"d=&x", b"e= "] {
            table.add_fragment(Token::HttpUriArgs, argument).unwrap();
        }
        assert_eq!(copied(&table, Token::HttpCookie), b"a=1; b=2");
        assert_eq!(copied(&table, Token::HttpUriArgs), b"a=1&b=two words&c&d=&x&e= ");
        assert_eq!(table.total_length(Token::HttpUriArgs), 26);
        assert_eq!(table.joined(Token::HttpUriArgs).unwrap().len(), 26);
    }

    #[test]
    fn copy_needs_room_for_the_nul() {
        let mut table = table();
        table.add(Token::Host, b" localhost").unwrap();
        assert_eq!(table.copy(Token::Host, &mut [0; 9]), Err(TooSmall));
        assert_eq!(table.copy(Token::Host, &mut [0; 10]), Ok(9));
        assert_eq!(table.copy(Token::Upgrade, &mut [0; 1]), Ok(0));
        assert_eq!(table.copy(Token::Upgrade, &mut []), Err(TooSmall));
        assert_eq!(table.joined(Token::Upgrade), None);
    }

    #[test]
    fn url_argument_is_found_by_prefix() {
        let mut table = table();
        for argument in [&b"ab=1"[..], b"a=2", b"flag"] {
            table.add_fragment(Token::HttpUriArgs, argument).unwrap();
        }
        assert_eq!(table.url_arg(b"a", usize::MAX), Some(&b"b=1"[..]));
        assert_eq!(table.url_arg(b"a=", usize::MAX), Some(&b"2"[..]));
        assert_eq!(table.url_arg(b"ab", usize::MAX), Some(&b"1"[..]));
        assert_eq!(table.url_arg(b"flag", usize::MAX), Some(&b""[..]));
        assert_eq!(table.url_arg(b"zz", usize::MAX), None);
        assert_eq!(table.url_arg(b"a=", 4), None, "the first argument does not fit, which ends the search");
        assert_eq!(table.url_arg(b"a=", 5), Some(&b"2"[..]));
    }

    #[test]
    fn custom_headers_are_found_by_lower_case_name_with_colon() {
        let mut table = table();
        table.add_custom(b"X-Probe", b" Seen").unwrap();
        table.add_custom(b"x-other", b"").unwrap();
        assert_eq!(table.custom(b"x-probe:"), Some(&b"Seen"[..]));
        assert_eq!(table.custom(b"x-probe"), None);
        assert_eq!(table.custom(b"x-other:"), Some(&b""[..]));
        assert_eq!(table.custom_names().collect::<Vec<_>>(), [&b"x-probe:"[..], b"x-other:"]);
    }

    #[test]
    fn limits_hold_for_text_and_fragments() {
        let mut table = HeaderTable::new(Limits { text_bytes: 10, fragments: 2 });
        table.add(Token::Host, b"12345").unwrap();
        assert_eq!(table.add(Token::Origin, b"123456"), Err(TableFull::Text));
        assert_eq!(table.add_custom(b"abcde", b""), Err(TableFull::Text));
        table.add(Token::Origin, b"12345").unwrap();
        assert_eq!(table.add(Token::Upgrade, b""), Err(TableFull::Fragments));
        table.clear();
        assert!(!table.has(Token::Host));
        table.add(Token::Upgrade, b"1234567890").unwrap();
    }

    #[test]
    fn lists_span_lines_and_ignore_case_and_blanks() {
        let mut table = table();
        table.add(Token::Connection, b" keep-alive , ,Foo").unwrap();
        table.add(Token::Connection, b"\tUPGRADE").unwrap();
        assert!(table.list_has(Token::Connection, b"upgrade"));
        assert!(table.list_has(Token::Connection, b"foo"));
        assert!(!table.list_has(Token::Connection, b"fo"));
        assert_eq!(table.list(Token::Connection).count(), 3);
    }

    #[test]
    fn both_origin_headers_share_a_token() {
        let mut table = table();
        table.add(Token::SwOrigin, b" http://x").unwrap();
        assert_eq!(table.simple(Token::Origin), Some(&b"http://x"[..]));
        assert!(!table.has(Token::SwOrigin));
    }

    #[test]
    fn replacing_removes_the_old_text() {
        let mut table = table();
        table.add(Token::HttpAuthorization, b" Basic c2VjcmV0OnBhc3M=").unwrap();
        table.add(Token::Host, b"h").unwrap();
        table.add(Token::HttpAuthorization, b"again").unwrap();
        table.replace(Token::HttpAuthorization, b"user").unwrap();
        assert_eq!(copied(&table, Token::HttpAuthorization), b"user");
        assert_eq!(table.simple_with_nul(Token::HttpAuthorization), Some(&b"user\0"[..]));
        assert_eq!(table.simple(Token::Host), Some(&b"h"[..]));
        table.replace(Token::Host, b"longer than before").unwrap();
        assert_eq!(copied(&table, Token::Host), b"longer than before");
        table.replace(Token::Upgrade, b"new").unwrap();
        assert_eq!(copied(&table, Token::Upgrade), b"new");
    }

    #[test]
    fn a_token_can_be_cut_to_its_limit() {
        let mut table = table();
        for argument in [&b"abc"[..], b"", b"defg", b"hi"] {
            table.add_fragment(Token::HttpUriArgs, argument).unwrap();
        }
        table.add(Token::Host, b"localhost").unwrap();
        table.limit_token(Token::HttpUriArgs, 5);
        assert_eq!(copied(&table, Token::HttpUriArgs), b"abc&&de");
        table.limit_token(Token::Host, 5);
        assert_eq!(table.simple_with_nul(Token::Host), Some(&b"local\0"[..]));
        table.limit_token(Token::Host, 0);
        assert!(!table.has(Token::Host));
    }

    #[test]
    fn method_and_path_of_a_request() {
        let mut table = table();
        assert!(table.method_and_path().is_none());
        table.add_fragment(Token::DeleteUri, b"/x").unwrap();
        assert_eq!(table.method_and_path(), Some((Method::Delete, &b"/x"[..])));
    }
}
