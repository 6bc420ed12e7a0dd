//! `lws_list_ptr`: singly-linked lists of objects whose first member is the link.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use crate::abi::guard;
use crate::abi::layout::{lws_list_ptr, lws_list_ptr_sort_func_t};

/// Puts the object whose link is `*add` into the list `*phead`.
///
/// Without `sort` it goes to the head; else in front of the first object for which `sort(new, object)` is 0 or negative.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_list_ptr_insert(
    phead: *mut lws_list_ptr,
    add: *mut lws_list_ptr,
    sort: lws_list_ptr_sort_func_t,
) {
    guard::pure("lws_list_ptr_insert", (), || {
        if phead.is_null() || add.is_null() {
            return;
        }
        // SAFETY: the program passes a list of objects whose first member is the link, and one that is in no list.
        unsafe {
            let mut link = phead;
            if let Some(sort) = sort {
                while !(*link).is_null() && sort(add.cast(), *link) > 0 {
                    link = (*link).cast();
                }
            }
            *add = *link;
            *link = add.cast();
        }
    });
}
