//! OpenSSL's cipher lists, as far as rustls has the suites.
//!
//! Names and classes (`HIGH`, `ECDHE+AESGCM`, `AES128`) choose and order the suites, `!` and `-` exclude them. What
//! concerns suites that do not exist here means nothing; a list of which nothing is left cannot be satisfied.
use super::provider;
use rustls::crypto::CryptoProvider;
use rustls::{CipherSuite, ProtocolVersion, SupportedCipherSuite};
use std::sync::Arc;

/// Suite, OpenSSL's name, the registered name (RFC 5289, 7905, 8446).
const NAMES: &[(CipherSuite, &str, &str)] = &[
    (CipherSuite::TLS13_AES_256_GCM_SHA384, "TLS_AES_256_GCM_SHA384", "TLS13_AES_256_GCM_SHA384"),
    (CipherSuite::TLS13_AES_128_GCM_SHA256, "TLS_AES_128_GCM_SHA256", "TLS13_AES_128_GCM_SHA256"),
    (CipherSuite::TLS13_CHACHA20_POLY1305_SHA256, "TLS_CHACHA20_POLY1305_SHA256", "TLS13_CHACHA20_POLY1305_SHA256"),
    (
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    ),
    (
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    ),
    (
        CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    ),
    (
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        "ECDHE-RSA-AES256-GCM-SHA384",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    ),
    (
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        "ECDHE-RSA-AES128-GCM-SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ),
    (
        CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        "ECDHE-RSA-CHACHA20-POLY1305",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ),
];

/// OpenSSL's name of a suite, or an empty string.
pub fn openssl_name(suite: CipherSuite) -> &'static str {
    NAMES.iter().find(|(known, _, _)| *known == suite).map_or("", |(_, name, _)| name)
}

/// The provider with the suites of both lists. A list that names nothing that exists here leaves the default set, and a
/// sentence about it in `unsatisfiable`.
pub(super) fn provider_for(
    tls12: Option<&str>,
    tls13: Option<&str>,
    unsatisfiable: &mut Vec<String>,
) -> Arc<CryptoProvider> {
    let mut pick = |list: Option<&str>, is_tls13: bool| {
        let list = list.filter(|list| !list.trim().is_empty())?;
        let chosen = choose(list, is_tls13);
        if chosen.is_none() {
            let known: Vec<_> = all(is_tls13).map(|suite| openssl_name(suite.suite())).collect();
            let known = known.join(":");
            unsatisfiable.push(format!("cipher list '{list}' names no suite that exists here (there are {known})"));
        }
        chosen
    };
    let chosen12 = pick(tls12, false);
    let chosen13 = pick(tls13, true);
    if chosen12.is_none() && chosen13.is_none() {
        return Arc::clone(provider());
    }
    let mut own = (**provider()).clone();
    let mut suites = chosen13.unwrap_or_else(|| all(true).collect());
    suites.extend(chosen12.unwrap_or_else(|| all(false).collect()));
    own.cipher_suites = suites;
    Arc::new(own)
}

fn all(is_tls13: bool) -> impl Iterator<Item = SupportedCipherSuite> {
    provider()
        .cipher_suites
        .iter()
        .copied()
        .filter(move |suite| (suite.version().version == ProtocolVersion::TLSv1_3) == is_tls13)
}

fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split([':', ',', ' ', ';']).filter(|word| !word.is_empty())
}

/// Whether one word of a list, without its sign, means the suite: its name, or classes joined by `+`.
fn means(word: &str, suite: CipherSuite) -> bool {
    let Some((_, openssl, registered)) = NAMES.iter().find(|(known, _, _)| *known == suite) else { return false };
    if word == *openssl || word == *registered {
        return true;
    }
    let is_tls13 = registered.starts_with("TLS13");
    !is_tls13
        && word.split('+').all(|class| match class {
            "ALL" | "DEFAULT" | "HIGH" | "ECDHE" | "EECDH" | "kECDHE" | "kEECDH" | "ECDH" | "TLSv1.2" => true,
            "AES" | "FIPS" => openssl.contains("AES"),
            "AESGCM" => openssl.contains("GCM"),
            "AES128" => openssl.contains("AES128"),
            "AES256" => openssl.contains("AES256"),
            "CHACHA20" => openssl.contains("CHACHA20"),
            "aRSA" => openssl.contains("RSA"),
            "aECDSA" | "ECDSA" => openssl.contains("ECDSA"),
            "SUITEB128" => openssl.contains("ECDSA") && openssl.contains("GCM"),
            "SUITEB192" => openssl.contains("ECDSA") && openssl.contains("AES256"),
            _ => false,
        })
}

/// The suites a list means, in its order; within a class in the order of preference. `None`: there is none.
///
/// A list of exclusions alone is taken from all. `@` and leading `+` only order, and are passed over.
fn choose(list: &str, is_tls13: bool) -> Option<Vec<SupportedCipherSuite>> {
    let mut chosen: Vec<SupportedCipherSuite> = Vec::new();
    let mut excluded: Vec<&str> = Vec::new();
    let mut names_any = false;
    for word in words(list).filter(|word| !word.starts_with(['@', '+'])) {
        match word.strip_prefix(['!', '-']) {
            Some(word) => excluded.push(word),
            None => {
                names_any = true;
                let new: Vec<_> =
                    all(is_tls13).filter(|suite| means(word, suite.suite()) && !chosen.contains(suite)).collect();
                chosen.extend(new);
            }
        }
    }
    if !names_any {
        chosen.extend(all(is_tls13));
    }
    chosen.retain(|suite| !excluded.iter().any(|word| means(word, suite.suite())));
    (!chosen.is_empty()).then_some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(suites: Option<Vec<SupportedCipherSuite>>) -> Vec<&'static str> {
        suites.unwrap_or_default().iter().map(|suite| openssl_name(suite.suite())).collect()
    }

    #[test]
    fn names_choose_and_order() {
        let list = "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA:ECDHE-ECDSA-AES256-GCM-SHA384:!aNULL";
        assert_eq!(names(choose(list, false)), ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"]);
        assert_eq!(names(choose("TLS_CHACHA20_POLY1305_SHA256", true)), ["TLS_CHACHA20_POLY1305_SHA256"]);
        let registered = names(choose("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", false));
        assert_eq!(registered, ["ECDHE-RSA-AES128-GCM-SHA256"]);
    }

    #[test]
    fn classes_choose_what_is_in_them() {
        assert_eq!(names(choose("HIGH:!aNULL", false)).len(), 6);
        let chosen = names(choose("ECDHE-RSA-AES128-GCM-SHA256:HIGH", false));
        assert_eq!((chosen.len(), chosen[0]), (6, "ECDHE-RSA-AES128-GCM-SHA256"));
        assert_eq!(names(choose("ECDHE+AESGCM+aRSA", false)).len(), 2);
        assert_eq!(
            names(choose("EECDH+CHACHA20:@STRENGTH", false)),
            ["ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"]
        );
    }

    #[test]
    fn exclusions_hold_for_names_and_for_classes() {
        assert_eq!(names(choose("ALL:!ECDHE-RSA-AES128-GCM-SHA256", false)).len(), 5);
        assert!(names(choose("HIGH:!AES128:-CHACHA20", false)).iter().all(|name| name.contains("AES256")));
        assert_eq!(names(choose("!aNULL:!eNULL:!MD5", false)).len(), 6);
        assert_eq!(names(choose("HIGH:!HIGH", false)).len(), 0);
    }

    #[test]
    fn a_list_of_which_nothing_is_left_is_told() {
        let mut told = Vec::new();
        let all = provider_for(Some("AES256-SHA:RC4-MD5"), None, &mut told);
        assert_eq!(all.cipher_suites.len(), 9);
        assert_eq!(told.len(), 1);
        provider_for(Some("DEFAULT:!eNULL"), Some(""), &mut told);
        assert_eq!(told.len(), 1);
        let own = provider_for(Some("ECDHE-RSA-AES128-GCM-SHA256"), None, &mut told);
        assert_eq!(own.cipher_suites.len(), 4);
    }
}
