//! Where in the program's memory is room for texts and lists?
//!
//! # What C promises
//! `*strings` are `*len` writable bytes.
#![allow(unsafe_code)]

use crate::abi::layout::lws_protocol_vhost_options;
use crate::proto::lwsws::Pairs;
use std::ffi::{c_char, c_int};
use std::ptr;

/// The program's memory. Its pointer and length are read and moved on by each call, as a callback of the program that
/// runs in between may use the same memory.
pub struct Room {
    // INVARIANT: not NULL; what C promises in the module.
    strings: *mut *mut c_char,
    len: *mut c_int,
}

impl Room {
    /// `None` if one of the pointers is NULL.
    ///
    /// # Safety
    /// See the module, as long as the result is used.
    pub unsafe fn new(strings: *mut *mut c_char, len: *mut c_int) -> Option<Room> {
        if strings.is_null() || len.is_null() {
            return None;
        }
        // SAFETY: not NULL, the caller's promise.
        let has_memory = unsafe { !(*strings).is_null() };
        has_memory.then_some(Room { strings, len })
    }

    /// `count` bytes, aligned. The error says how much is missing.
    fn take(&self, count: usize, align: usize) -> Result<*mut u8, String> {
        // SAFETY: the invariant.
        let (next, left) = unsafe { ((*self.strings).cast::<u8>(), usize::try_from(*self.len).unwrap_or(0)) };
        let gap = next.align_offset(align);
        match gap.checked_add(count).filter(|needed| *needed <= left) {
            Some(needed) => {
                // SAFETY: the invariant: `needed` of the `left` bytes at `next` are taken.
                unsafe {
                    *self.strings = next.add(needed).cast();
                    *self.len -= needed as c_int;
                    Ok(next.add(gap))
                }
            }
            None => Err(format!("config_strings is too small: {count} more bytes are needed, len has {left} left")),
        }
    }

    /// A text of these bytes, none of which is NUL, and `after`.
    pub fn text(&self, bytes: &[u8], after: &[u8]) -> Result<*const c_char, String> {
        let place = self.take(bytes.len() + after.len() + 1, 1)?;
        // SAFETY: just taken, for these bytes and the NUL.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len());
            ptr::copy_nonoverlapping(after.as_ptr(), place.add(bytes.len()), after.len());
            *place.add(bytes.len() + after.len()) = 0;
        }
        Ok(place.cast_const().cast())
    }

    /// A text, or NULL for none.
    pub fn optional(&self, text: Option<&Vec<u8>>) -> Result<*const c_char, String> {
        text.map_or(Ok(ptr::null()), |text| self.text(text, b""))
    }

    /// A struct of the interface.
    pub fn value<T: Copy>(&self, value: T) -> Result<*const T, String> {
        let place = self.take(size_of::<T>(), align_of::<T>())?.cast::<T>();
        // SAFETY: just taken, aligned and of this size.
        unsafe { place.write(value) };
        Ok(place)
    }

    /// A list of these pairs in front of `next`, the last pair first, as the original has its lists. `after` follows each
    /// name.
    pub fn list(
        &self,
        pairs: &Pairs,
        after: &[u8],
        mut next: *const lws_protocol_vhost_options,
    ) -> Result<*const lws_protocol_vhost_options, String> {
        for (name, value) in pairs {
            let (name, value) = (self.text(name, after)?, self.text(value, b"")?);
            next = self.value(lws_protocol_vhost_options { next, options: ptr::null(), name, value })?;
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn memory_is_used_to_its_last_byte_and_never_beyond() {
        let mut memory = [0xaa_u8; 9];
        let (mut next, mut len) = (memory.as_mut_ptr().cast::<c_char>(), 8);
        // SAFETY: eight bytes of an array.
        let room = unsafe { Room::new(&raw mut next, &raw mut len) }.unwrap();
        let text = room.text(b"abc", b":").unwrap();
        // SAFETY: a text that was just made.
        assert_eq!(unsafe { CStr::from_ptr(text) }, c"abc:");
        assert!(room.text(b"abc", b"").unwrap_err().contains("4 more bytes"));
        assert!(room.text(b"ab", b"").is_ok());
        assert!(room.text(b"", b"").is_err());
        assert_eq!((len, memory[8]), (0, 0xaa));
    }

    #[test]
    fn lists_are_aligned_and_the_last_pair_is_first() {
        let mut memory = [0u8; 200];
        let (mut next, mut len) = (memory.as_mut_ptr().wrapping_add(1).cast::<c_char>(), 199);
        // SAFETY: bytes of an array.
        let room = unsafe { Room::new(&raw mut next, &raw mut len) }.unwrap();
        let pairs = vec![(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), b"2".to_vec())];
        let first = room.list(&pairs, b":", ptr::null()).unwrap();
        assert!(first.is_aligned());
        // SAFETY: a list that was just made.
        unsafe {
            assert_eq!(CStr::from_ptr((*first).name), c"b:");
            let second = (*first).next;
            assert_eq!((CStr::from_ptr((*second).value), (*second).next), (c"1", ptr::null()));
        }
    }

    #[test]
    fn a_negative_length_is_no_room() {
        let mut byte = 0 as c_char;
        let (mut next, mut len) = (&raw mut byte, -1);
        // SAFETY: no byte is promised.
        let room = unsafe { Room::new(&raw mut next, &raw mut len) }.unwrap();
        assert!(room.text(b"", b"").is_err());
        // SAFETY: NULL is allowed.
        assert!(unsafe { Room::new(ptr::null_mut(), &raw mut len) }.is_none());
    }
}
