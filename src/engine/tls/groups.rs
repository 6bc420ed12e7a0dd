//! The groups of the key exchange ("curves"), by the names that OpenSSL and the registry have for them.
use super::provider;
use rustls::crypto::aws_lc_rs::ALL_KX_GROUPS;
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::{NamedGroup, ProtocolVersion};
use std::sync::Arc;

/// Group and its names; the first is the one that messages use. Names count in any case.
const NAMES: &[(NamedGroup, &[&str])] = &[
    (NamedGroup::X25519, &["X25519"]),
    (NamedGroup::secp256r1, &["P-256", "prime256v1", "secp256r1"]),
    (NamedGroup::secp384r1, &["P-384", "secp384r1"]),
    (NamedGroup::X25519MLKEM768, &["X25519MLKEM768"]),
    (NamedGroup::secp256r1MLKEM768, &["SecP256r1MLKEM768"]),
    (NamedGroup::MLKEM768, &["MLKEM768"]),
    (NamedGroup::MLKEM1024, &["MLKEM1024"]),
];

/// The group of that name, if it is one of those that are used where nothing is said.
pub(super) fn usual(name: &str) -> Option<NamedGroup> {
    let group = named(name)?.name();
    provider().kx_groups.iter().any(|known| known.name() == group).then_some(group)
}

/// The group of that name, if it exists here.
pub(super) fn named(name: &str) -> Option<&'static dyn SupportedKxGroup> {
    let (group, _) = NAMES.iter().find(|(_, names)| names.iter().any(|known| known.eq_ignore_ascii_case(name)))?;
    ALL_KX_GROUPS.iter().copied().find(|known| known.name() == *group)
}

/// The groups of a list separated by colons, commas or blanks, in its order. What does not exist here is passed over; an error in words if
/// nothing is left.
pub(super) fn of_list(list: &str) -> Result<Vec<&'static dyn SupportedKxGroup>, String> {
    let mut chosen: Vec<&'static dyn SupportedKxGroup> = Vec::new();
    for group in list.split([':', ',', ' ']).filter_map(named) {
        if chosen.iter().all(|known| known.name() != group.name()) {
            chosen.push(group);
        }
    }
    if chosen.is_empty() {
        let known = NAMES.iter().filter_map(|(_, names)| names.first().filter(|name| named(name).is_some()));
        let known: Vec<_> = known.copied().collect();
        return Err(format!("'{list}' names no group that exists here (there are {})", known.join(":")));
    }
    Ok(chosen)
}

/// Sees to it that one of the groups, where there are any, works with one of the versions; else the reason in words.
pub(super) fn check(groups: &[&'static dyn SupportedKxGroup], versions: &[ProtocolVersion]) -> Result<(), String> {
    let works = |group: &&dyn SupportedKxGroup| versions.iter().any(|version| group.usable_for_version(*version));
    if groups.is_empty() || groups.iter().any(works) {
        return Ok(());
    }
    let name = |group: &&'static dyn SupportedKxGroup| {
        let known = NAMES.iter().find(|(known, _)| *known == group.name());
        known.and_then(|(_, names)| names.first()).copied().unwrap_or("?")
    };
    let names: Vec<_> = groups.iter().map(name).collect();
    Err(format!(
        "none of the groups {} works with TLS 1.2, the only version that was set: they need TLS 1.3",
        names.join(":")
    ))
}

/// The provider with these groups only; as it is if there are none.
pub(super) fn only(provider: Arc<CryptoProvider>, groups: &[&'static dyn SupportedKxGroup]) -> Arc<CryptoProvider> {
    if groups.is_empty() {
        return provider;
    }
    let mut own = (*provider).clone();
    own.kx_groups = groups.to_vec();
    Arc::new(own)
}

/// The provider with the usual groups, this one first.
pub(super) fn prefer(suites: &CryptoProvider, group: NamedGroup) -> Arc<CryptoProvider> {
    let mut own = suites.clone();
    own.kx_groups = provider().kx_groups.clone();
    own.kx_groups.sort_by_key(|known| known.name() != group);
    Arc::new(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &str) -> Result<Vec<NamedGroup>, String> {
        of_list(list).map(|groups| groups.iter().map(|group| group.name()).collect())
    }

    #[test]
    fn names_of_openssl_and_of_the_registry_mean_the_same_group() {
        let wanted = vec![NamedGroup::secp256r1, NamedGroup::X25519];
        assert_eq!(names("prime256v1:x25519:P-256"), Ok(wanted.clone()));
        assert_eq!(names("secp521r1:SECP256R1:X25519"), Ok(wanted));
    }

    #[test]
    fn every_name_is_a_group_of_the_provider() {
        assert!(NAMES.iter().all(|(group, names)| names.iter().all(|name| named(name).unwrap().name() == *group)));
    }

    #[test]
    fn a_list_is_separated_by_colons_commas_or_blanks() {
        let wanted = vec![NamedGroup::X25519, NamedGroup::secp256r1, NamedGroup::secp384r1];
        assert_eq!(names("X25519,P-256:P-384"), Ok(wanted.clone()));
        assert_eq!(names(" X25519 P-256, P-384"), Ok(wanted));
    }

    #[test]
    fn groups_must_work_with_a_version() {
        use ProtocolVersion::{TLSv1_2, TLSv1_3};
        for newer in ["X25519MLKEM768", "SecP256r1MLKEM768", "MLKEM768:MLKEM1024"] {
            let groups = of_list(newer).unwrap();
            assert!(check(&groups, &[TLSv1_2]).unwrap_err().contains(newer), "{newer}");
            assert_eq!(check(&groups, &[TLSv1_2, TLSv1_3]), Ok(()), "{newer}");
            assert_eq!(check(&groups, &[TLSv1_3]), Ok(()), "{newer}");
        }
        assert_eq!(check(&of_list("X25519MLKEM768:P-256").unwrap(), &[TLSv1_2]), Ok(()));
        assert_eq!(check(&[], &[TLSv1_2]), Ok(()));
    }

    #[test]
    fn a_list_must_leave_something() {
        assert!(names("sect571r1").unwrap_err().contains("there are X25519:P-256:P-384"));
        assert!(names("").is_err());
    }
}
