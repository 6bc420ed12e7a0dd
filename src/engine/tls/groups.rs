//! The groups of the key exchange ("curves"), by the names that OpenSSL and the registry have for them.
use super::provider;
use rustls::NamedGroup;
use rustls::crypto::aws_lc_rs::ALL_KX_GROUPS;
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
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

/// The groups of a list separated by colons, in its order. What does not exist here is passed over; an error in words if
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
    fn a_list_must_leave_something() {
        assert!(names("sect571r1").unwrap_err().contains("there are X25519:P-256:P-384"));
        assert!(names("").is_err());
    }
}
