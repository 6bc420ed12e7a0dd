//! Distinguished names in one line, in the form OpenSSL prints: `/C=DE/O=Test/CN=localhost`.
use std::fmt::Write;
use x509_parser::prelude::X509Name;

/// Short names of the attributes that occur in practice; others are shown by their numbers.
const SHORT_NAMES: &[(&str, &str)] = &[
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.13", "description"),
    ("2.5.4.15", "businessCategory"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.41", "name"),
    ("2.5.4.42", "GN"),
    ("2.5.4.43", "initials"),
    ("2.5.4.44", "generationQualifier"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.65", "pseudonym"),
    ("2.5.4.97", "organizationIdentifier"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("1.2.840.113549.1.9.2", "unstructuredName"),
    ("1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL"),
    ("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST"),
    ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC"),
];

/// All attributes in the order of the certificate. Bytes outside printable ASCII become `\xHH`.
pub fn one_line(name: &X509Name<'_>) -> String {
    let mut line = String::new();
    for attribute in name.iter_attributes() {
        let number = attribute.attr_type().to_id_string();
        let short = SHORT_NAMES.iter().find(|(id, _)| *id == number).map(|(_, short)| *short);
        line.push('/');
        line.push_str(short.unwrap_or(&number));
        line.push('=');
        for byte in attribute.as_slice() {
            match byte {
                b' '..=b'~' => line.push(char::from(*byte)),
                _ => drop(write!(line, "\\x{byte:02X}")),
            }
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use crate::proto::x509::Certificate;
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

    #[test]
    fn attributes_keep_their_order_and_odd_bytes_are_escaped() {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CountryName, "DE");
        params.distinguished_name.push(DnType::OrganizationName, "Caf\u{e9}");
        params.distinguished_name.push(DnType::CustomDnType(vec![1, 2, 3, 4]), "x");
        params.distinguished_name.push(DnType::CommonName, "a b");
        let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let facts = Certificate::from_der(made.der()).unwrap();
        assert_eq!(facts.subject(), "/C=DE/O=Caf\\xC3\\xA9/1.2.3.4=x/CN=a b");
    }
}
