//! Protocol and extension tables, and plugins.
#![allow(non_camel_case_types)]
use super::*;
use std::ffi::{c_char, c_int, c_uint, c_void};
use std::mem::offset_of;

/// Called for each plugin found, with the user pointer.
pub type each_plugin_cb_t = Option<unsafe extern "C" fn(plugin: *mut lws_plugin, each_user: *mut c_void) -> c_int>;

pub type lws_plugin_evlib_t = lws_plugin_evlib;

pub type lws_plugin_header_t = lws_plugin_header;

pub type lws_plugin_protocol_t = lws_plugin_protocol;

/// The handle that the loader of the platform uses.
#[repr(C)]
#[derive(Clone, Copy)]
pub union lws_plugin_u {
    pub l: *mut c_void,
}
const _: () = {
    assert!(size_of::<lws_plugin_u>() == 8);
    assert!(offset_of!(lws_plugin_u, l) == 0);
};

/// A loaded plugin in the list that `lws_plugins_init` builds.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_plugin {
    pub list: *mut lws_plugin,
    pub hdr: *const lws_plugin_header_t,
    pub u: lws_plugin_u,
}
const _: () = {
    assert!(size_of::<lws_plugin>() == 24);
    assert!(align_of::<lws_plugin>() == 8);
    assert!(offset_of!(lws_plugin, list) == 0);
    assert!(offset_of!(lws_plugin, hdr) == 8);
    assert!(offset_of!(lws_plugin, u) == 16);
};

/// What an event loop plugin exports.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_plugin_evlib {
    pub hdr: lws_plugin_header_t,
    pub ops: *const lws_event_loop_ops,
}
const _: () = {
    assert!(size_of::<lws_plugin_evlib>() == 32);
    assert!(align_of::<lws_plugin_evlib>() == 8);
    assert!(offset_of!(lws_plugin_evlib, hdr) == 0);
    assert!(offset_of!(lws_plugin_evlib, ops) == 24);
};

/// The part that all kinds of plugins begin with.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_plugin_header {
    pub name: *const c_char,
    pub _class: *const c_char,
    pub api_magic: c_uint,
}
const _: () = {
    assert!(size_of::<lws_plugin_header>() == 24);
    assert!(align_of::<lws_plugin_header>() == 8);
    assert!(offset_of!(lws_plugin_header, name) == 0);
    assert!(offset_of!(lws_plugin_header, _class) == 8);
    assert!(offset_of!(lws_plugin_header, api_magic) == 16);
};

/// What a protocol plugin exports.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_plugin_protocol {
    pub hdr: lws_plugin_header_t,
    pub protocols: *const lws_protocols,
    pub extensions: *const lws_extension,
    pub count_protocols: c_int,
    pub count_extensions: c_int,
}
const _: () = {
    assert!(size_of::<lws_plugin_protocol>() == 48);
    assert!(align_of::<lws_plugin_protocol>() == 8);
    assert!(offset_of!(lws_plugin_protocol, hdr) == 0);
    assert!(offset_of!(lws_plugin_protocol, protocols) == 24);
    assert!(offset_of!(lws_plugin_protocol, extensions) == 32);
    assert!(offset_of!(lws_plugin_protocol, count_protocols) == 40);
    assert!(offset_of!(lws_plugin_protocol, count_extensions) == 44);
};

/// A protocol that a vhost offers; a table of them ends with a NULL name.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_protocols {
    /// The websocket subprotocol, and the name used in the program.
    pub name: *const c_char,
    /// Called for the connections of this protocol.
    pub callback: lws_callback_function,
    /// Bytes of session data for each connection, zeroed; 0: none.
    pub per_session_data_size: usize,
    /// Most bytes of one receive callback; 0: pt_serv_buf_size of the context.
    pub rx_buffer_size: usize,
    /// For the program.
    pub id: c_uint,
    /// For the program.
    pub user: *mut c_void,
    /// Most bytes that one send takes; 0: as rx_buffer_size.
    pub tx_packet_size: usize,
}
const _: () = {
    assert!(size_of::<lws_protocols>() == 56);
    assert!(align_of::<lws_protocols>() == 8);
    assert!(offset_of!(lws_protocols, name) == 0);
    assert!(offset_of!(lws_protocols, callback) == 8);
    assert!(offset_of!(lws_protocols, per_session_data_size) == 16);
    assert!(offset_of!(lws_protocols, rx_buffer_size) == 24);
    assert!(offset_of!(lws_protocols, id) == 32);
    assert!(offset_of!(lws_protocols, user) == 40);
    assert!(offset_of!(lws_protocols, tx_packet_size) == 48);
};

pub const LWS_PLUGIN_API_MAGIC: c_uint = 190;

/// The callback of an extension.
pub type lws_extension_callback_function = Option<
    unsafe extern "C" fn(
        context: *mut lws_context,
        ext: *const lws_extension,
        wsi: *mut lws,
        reason: lws_extension_callback_reasons,
        user: *mut c_void,
        r#in: *mut c_void,
        len: usize,
    ) -> c_int,
>;

/// What values an extension option takes.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_ext_options_types(pub c_uint);
pub const EXTARG_NONE: lws_ext_options_types = lws_ext_options_types(0);
pub const EXTARG_DEC: lws_ext_options_types = lws_ext_options_types(1);
pub const EXTARG_OPT_DEC: lws_ext_options_types = lws_ext_options_types(2);

/// Why an extension callback is called.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_extension_callback_reasons(pub c_uint);
pub const LWS_EXT_CB_CONSTRUCT: lws_extension_callback_reasons = lws_extension_callback_reasons(4);
pub const LWS_EXT_CB_CLIENT_CONSTRUCT: lws_extension_callback_reasons = lws_extension_callback_reasons(5);
pub const LWS_EXT_CB_DESTROY: lws_extension_callback_reasons = lws_extension_callback_reasons(8);
pub const LWS_EXT_CB_PACKET_TX_PRESEND: lws_extension_callback_reasons = lws_extension_callback_reasons(12);
pub const LWS_EXT_CB_PAYLOAD_TX: lws_extension_callback_reasons = lws_extension_callback_reasons(21);
pub const LWS_EXT_CB_PAYLOAD_RX: lws_extension_callback_reasons = lws_extension_callback_reasons(22);
pub const LWS_EXT_CB_OPTION_DEFAULT: lws_extension_callback_reasons = lws_extension_callback_reasons(23);
pub const LWS_EXT_CB_OPTION_SET: lws_extension_callback_reasons = lws_extension_callback_reasons(24);
pub const LWS_EXT_CB_OPTION_CONFIRM: lws_extension_callback_reasons = lws_extension_callback_reasons(25);
pub const LWS_EXT_CB_NAMED_OPTION_SET: lws_extension_callback_reasons = lws_extension_callback_reasons(26);

/// One parsed extension option, as passed with `LWS_EXT_CB_OPTION_SET` and `LWS_EXT_CB_NAMED_OPTION_SET`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_ext_option_arg {
    pub option_name: *const c_char,
    pub option_index: c_int,
    pub start: *const c_char,
    pub len: c_int,
}
const _: () = {
    assert!(size_of::<lws_ext_option_arg>() == 32);
    assert!(align_of::<lws_ext_option_arg>() == 8);
    assert!(offset_of!(lws_ext_option_arg, option_name) == 0);
    assert!(offset_of!(lws_ext_option_arg, option_index) == 8);
    assert!(offset_of!(lws_ext_option_arg, start) == 16);
    assert!(offset_of!(lws_ext_option_arg, len) == 24);
};

/// An option that an extension understands; a table of them ends with a NULL name.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_ext_options {
    pub name: *const c_char,
    pub r#type: lws_ext_options_types,
}
const _: () = {
    assert!(size_of::<lws_ext_options>() == 16);
    assert!(align_of::<lws_ext_options>() == 8);
    assert!(offset_of!(lws_ext_options, name) == 0);
    assert!(offset_of!(lws_ext_options, r#type) == 8);
};

/// A websocket extension that a vhost or client connection offers; a table of them ends with a NULL name.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_extension {
    pub name: *const c_char,
    pub callback: lws_extension_callback_function,
    pub client_offer: *const c_char,
}
const _: () = {
    assert!(size_of::<lws_extension>() == 24);
    assert!(align_of::<lws_extension>() == 8);
    assert!(offset_of!(lws_extension, name) == 0);
    assert!(offset_of!(lws_extension, callback) == 8);
    assert!(offset_of!(lws_extension, client_offer) == 16);
};
