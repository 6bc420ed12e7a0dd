//! OpenSSL's cipher lists, as far as rustls has the suites.
//!
//! Known names choose and order the suites. Keywords (`HIGH`, `DEFAULT`, `ECDHE+AESGCM`) stand for the default set;
//! exclusions of single suites are honoured, others concern suites that do not exist here. A list without any known
//! name changes nothing.
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

/// The suites of a TLS 1.2 list (`ssl_cipher_list`), in its order. `None` if it chooses nothing.
pub fn tls12_suites(list: &str) -> Option<Vec<SupportedCipherSuite>> {
    choose(list, false)
}

/// The suites of a TLS 1.3 list (`tls1_3_plus_cipher_list`), in its order. `None` if it chooses nothing.
pub fn tls13_suites(list: &str) -> Option<Vec<SupportedCipherSuite>> {
    choose(list, true)
}

/// The provider with the suites of both lists; a list that chooses nothing leaves the default and a warning.
pub(super) fn provider_for(
    tls12: Option<&str>,
    tls13: Option<&str>,
    warnings: &mut Vec<String>,
) -> Arc<CryptoProvider> {
    let mut pick = |list: Option<&str>, is_tls13: bool| {
        let list = list.filter(|list| !list.trim().is_empty())?;
        let chosen = choose(list, is_tls13);
        if chosen.is_none() && !has_keyword(list) {
            warnings.push(format!("cipher list '{list}' names no suite that exists here; the default set is used"));
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

fn is_keyword(word: &str) -> bool {
    !word.starts_with(['!', '-', '@']) && matches!(word.split('+').next(), Some(first) if KEYWORDS.contains(&first))
}

fn has_keyword(list: &str) -> bool {
    words(list).any(is_keyword)
}

/// Words that include suites we have.
const KEYWORDS: &[&str] = &[
    "ALL",
    "DEFAULT",
    "COMPLEMENTOFDEFAULT",
    "HIGH",
    "ECDHE",
    "EECDH",
    "kECDHE",
    "kEECDH",
    "ECDH",
    "AES",
    "AESGCM",
    "AES128",
    "AES256",
    "CHACHA20",
    "aRSA",
    "aECDSA",
    "ECDSA",
    "TLSv1.2",
    "FIPS",
    "SUITEB128",
    "SUITEB192",
];

fn choose(list: &str, is_tls13: bool) -> Option<Vec<SupportedCipherSuite>> {
    let named = |word: &str| {
        let (suite, _, _) = NAMES.iter().find(|(_, openssl, registered)| *openssl == word || *registered == word)?;
        all(is_tls13).find(|known| known.suite() == *suite)
    };
    let mut chosen: Vec<SupportedCipherSuite> = Vec::new();
    let mut excluded: Vec<SupportedCipherSuite> = Vec::new();
    for word in words(list) {
        match word.strip_prefix(['!', '-']) {
            Some(word) => excluded.extend(named(word)),
            None => {
                if let Some(suite) = named(word)
                    && !chosen.contains(&suite)
                {
                    chosen.push(suite);
                }
            }
        }
    }
    if (chosen.is_empty() && !excluded.is_empty()) || (!chosen.is_empty() && has_keyword(list)) {
        let rest: Vec<SupportedCipherSuite> = all(is_tls13).filter(|suite| !chosen.contains(suite)).collect();
        chosen.extend(rest);
    }
    chosen.retain(|suite| !excluded.contains(suite));
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
        assert_eq!(names(tls12_suites(list)), ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"]);
        assert_eq!(names(tls13_suites("TLS_CHACHA20_POLY1305_SHA256")), ["TLS_CHACHA20_POLY1305_SHA256"]);
        assert_eq!(
            names(tls12_suites("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")),
            ["ECDHE-RSA-AES128-GCM-SHA256"],
            "registered names too"
        );
    }

    #[test]
    fn keywords_stand_for_the_default_set() {
        assert_eq!(tls12_suites("HIGH:!aNULL"), None);
        let chosen = names(tls12_suites("ECDHE-RSA-AES128-GCM-SHA256:HIGH"));
        assert_eq!((chosen.len(), chosen[0]), (6, "ECDHE-RSA-AES128-GCM-SHA256"));
        assert_eq!(names(tls12_suites("ALL:!ECDHE-RSA-AES128-GCM-SHA256")).len(), 5);
    }

    #[test]
    fn a_list_of_unknown_names_leaves_the_default_and_a_warning() {
        let mut warnings = Vec::new();
        let all = provider_for(Some("AES256-SHA:RC4-MD5"), None, &mut warnings);
        assert_eq!(all.cipher_suites.len(), 9);
        assert_eq!(warnings.len(), 1);
        provider_for(Some("DEFAULT:!eNULL"), Some(""), &mut warnings);
        assert_eq!(warnings.len(), 1);
        let own = provider_for(Some("ECDHE-RSA-AES128-GCM-SHA256"), None, &mut warnings);
        assert_eq!(own.cipher_suites.len(), 4);
    }
}
