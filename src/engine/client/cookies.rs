//! The cookie jar of client connections (LCCSCF_CACHE_COOKIES, `info.http_nsc_filepath`): cookies of replies are kept in
//! the file, and requests they are for get them.
use super::conn_flag;
use crate::engine::context::Context;
use crate::engine::cookie_file::{CookieFile, now_secs};
use crate::engine::log::{self, Level, Scope};
use crate::engine::tls::client_config::host_without_port;
use crate::engine::wsi::Wsi;
use crate::proto::http::cookie_jar::{self, Change, Place};
use crate::proto::http::token::Token;

/// The jar, if the connection uses one.
fn jar<'a>(cx: &'a Context, wsi: &Wsi) -> Option<&'a CookieFile> {
    if wsi.client.visit(|state| state.flags & conn_flag::CACHE_COOKIES != 0) != Some(true) {
        return None;
    }
    let jar = cx.cookies.as_ref();
    if jar.is_none() && !cx.cookies_told.replace(true) {
        let text = format_args!("LCCSCF_CACHE_COOKIES without info.http_nsc_filepath: no cookies are kept");
        log::line(Level::Warn, Scope::Wsi(wsi), "cookies", text);
    }
    jar
}

/// Runs `work` on what the present request of the connection says about itself.
fn with_place<R>(wsi: &Wsi, work: impl FnOnce(&Place<'_>) -> R) -> Option<R> {
    wsi.client.visit(|state| {
        let target = &state.target;
        // Cookies are for names and paths of text: others are told apart no further than that.
        let (host, path) = (String::from_utf8_lossy(&target.host), String::from_utf8_lossy(&target.path));
        work(&Place { host: host_without_port(&host), path: &path, secure: target.tls })
    })
}

fn complain(wsi: &Wsi, jar: &CookieFile, error: &std::io::Error) {
    log::line(Level::Err, Scope::Wsi(wsi), "cookies", format_args!("{}: {error}", jar.path().display()));
}

/// The value of the Cookie line of the request that is about to be made.
pub fn header(cx: &Context, wsi: &Wsi) -> Option<Vec<u8>> {
    let jar = jar(cx, wsi)?;
    match with_place(wsi, |place| jar.header_for(place))? {
        Ok(header) => header,
        Err(error) => {
            complain(wsi, jar, &error);
            None
        }
    }
}

/// Keeps what the reply sets, and forgets what it expires.
pub fn keep(cx: &Context, wsi: &Wsi) {
    let Some(jar) = jar(cx, wsi) else { return };
    let now = now_secs();
    let changes = with_place(wsi, |place| {
        let read = |text: &[u8]| {
            let change = cookie_jar::set_cookie(text, place, now);
            if change.is_none() {
                let text = format_args!("a Set-Cookie of {} is ignored: malformed, or not for it to set", place.host);
                log::line(Level::Info, Scope::Wsi(wsi), "cookies", text);
            }
            change
        };
        wsi.http.visit(|http| {
            let headers = http.headers();
            headers.map(|headers| headers.values(Token::HttpSetCookie).filter_map(read).collect::<Vec<Change>>())
        })
    });
    let changes = changes.flatten().flatten().unwrap_or_default();
    if changes.is_empty() {
        return;
    }
    if let Err(error) = jar.change(&changes) {
        complain(wsi, jar, &error);
    }
}
