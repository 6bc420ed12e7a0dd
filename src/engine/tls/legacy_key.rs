//! The traditional encryption of PEM keys: `Proc-Type: 4,ENCRYPTED` and `DEK-Info: CIPHER,IV` (RFC 1421 §4.6.1.3).
//!
//! The key comes from the pass phrase by OpenSSL's old derivation: MD5, one round, the first eight bytes of the IV as
//! salt. It is weak; it is read because such files are in use.
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockDecryptMut, KeyIvInit};
use md5::{Digest, Md5};

const SALT_BYTES: usize = 8;

/// Decrypts the contents of a block.
pub fn decrypt(dek_info: &str, bytes: &[u8], password: &[u8]) -> Result<Vec<u8>, String> {
    let (cipher, iv) = dek_info.split_once(',').unwrap_or((dek_info, ""));
    let iv = from_hex(iv.trim()).ok_or("has a damaged DEK-Info line")?;
    let plain = match cipher.trim() {
        "AES-128-CBC" => cbc::<aes::Aes128>(16, bytes, password, &iv),
        "AES-192-CBC" => cbc::<aes::Aes192>(24, bytes, password, &iv),
        "AES-256-CBC" => cbc::<aes::Aes256>(32, bytes, password, &iv),
        "DES-EDE3-CBC" => cbc::<des::TdesEde3>(24, bytes, password, &iv),
        "DES-CBC" => cbc::<des::Des>(8, bytes, password, &iv),
        other => return Err(format!("is encrypted with {other}, which is not supported")),
    };
    // A wrong password shows in the padding, or else in what comes out.
    match plain {
        Some(plain) if plain.first() == Some(&0x30) => Ok(plain),
        _ => Err("cannot be decrypted: wrong password?".to_owned()),
    }
}

fn cbc<C>(key_bytes: usize, bytes: &[u8], password: &[u8], iv: &[u8]) -> Option<Vec<u8>>
where
    C: aes::cipher::BlockDecryptMut + aes::cipher::BlockCipher + aes::cipher::KeyInit,
{
    let salt = iv.get(..SALT_BYTES)?;
    let key = derive(password, salt, key_bytes);
    cbc::Decryptor::<C>::new_from_slices(&key, iv).ok()?.decrypt_padded_vec_mut::<Pkcs7>(bytes).ok()
}

fn derive(password: &[u8], salt: &[u8], key_bytes: usize) -> Vec<u8> {
    let mut key = Vec::new();
    let mut last: Vec<u8> = Vec::new();
    while key.len() < key_bytes {
        last = Md5::new().chain_update(&last).chain_update(password).chain_update(salt).finalize().to_vec();
        key.extend_from_slice(&last);
    }
    key.truncate(key_bytes);
    key
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivation_of_openssl() {
        // openssl enc -aes-256-cbc -md md5 -k secret -S 0001020304050607 -P
        let key = derive(b"secret", &[0, 1, 2, 3, 4, 5, 6, 7], 32);
        let hex: String = key.iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(hex, EXPECTED);
    }

    const EXPECTED: &str = "035FB8145B73CF111570DC936112BE9C375A5D3D8B915BC213BDBEF9DBFB7851";

    #[test]
    fn damaged_headers_are_errors() {
        assert!(decrypt("AES-128-CBC", b"", b"x").is_err());
        assert!(decrypt("AES-128-CBC,zz", b"", b"x").is_err());
        assert!(decrypt("AES-128-CBC,00", &[0; 16], b"x").is_err());
        assert!(decrypt("AES-128-CBC,000102030405060708090A0B0C0D0E0F", &[0; 15], b"x").is_err());
        assert!(decrypt("RC2-CBC,0001020304050607", &[0; 16], b"x").unwrap_err().contains("RC2-CBC"));
    }
}
