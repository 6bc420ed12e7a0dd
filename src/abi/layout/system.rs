//! System states, blobs, messages and metrics.
#![allow(non_camel_case_types)]
use super::*;
use std::ffi::{c_char, c_int, c_uint, c_void};
use std::mem::offset_of;

/// Called in the service thread once the state that was asked for is reached.
pub type lws_attach_cb_t = Option<unsafe extern "C" fn(context: *mut lws_context, tsi: c_int, opaque: *mut c_void)>;

pub type lws_system_blob_t = lws_system_blob;

pub type lws_system_ops_t = lws_system_ops;

/// Indexes into the numbers and addresses of a DHCP lease.
pub type lws_dhcpc_indexes = usize;
pub const LWSDH_IPV4_SUBNET_MASK: lws_dhcpc_indexes = 0;
pub const LWSDH_IPV4_BROADCAST: lws_dhcpc_indexes = 1;
pub const LWSDH_LEASE_SECS: lws_dhcpc_indexes = 2;
pub const LWSDH_REBINDING_SECS: lws_dhcpc_indexes = 3;
pub const LWSDH_RENEWAL_SECS: lws_dhcpc_indexes = 4;
pub const _LWSDH_NUMS_COUNT: lws_dhcpc_indexes = 5;
pub const LWSDH_SA46_IP: lws_dhcpc_indexes = 0;
pub const LWSDH_SA46_DNS_SRV_1: lws_dhcpc_indexes = 1;
pub const LWSDH_SA46_DNS_SRV_2: lws_dhcpc_indexes = 2;
pub const LWSDH_SA46_DNS_SRV_3: lws_dhcpc_indexes = 3;
pub const LWSDH_SA46_DNS_SRV_4: lws_dhcpc_indexes = 4;
pub const LWSDH_SA46_IPV4_ROUTER: lws_dhcpc_indexes = 5;
pub const LWSDH_SA46_NTP_SERVER: lws_dhcpc_indexes = 6;
pub const LWSDH_SA46_DHCP_SERVER: lws_dhcpc_indexes = 7;
pub const _LWSDH_SA46_COUNT: lws_dhcpc_indexes = 8;

/// What the captive portal detection found.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_cpd_result_t(pub c_uint);
pub const LWS_CPD_UNKNOWN: lws_cpd_result_t = lws_cpd_result_t(0);
pub const LWS_CPD_INTERNET_OK: lws_cpd_result_t = lws_cpd_result_t(1);
pub const LWS_CPD_CAPTIVE_PORTAL: lws_cpd_result_t = lws_cpd_result_t(2);
pub const LWS_CPD_NO_INTERNET: lws_cpd_result_t = lws_cpd_result_t(3);

/// The kinds of system blobs.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_system_blob_item_t(pub c_uint);
pub const LWS_SYSBLOB_TYPE_AUTH: lws_system_blob_item_t = lws_system_blob_item_t(0);
pub const LWS_SYSBLOB_TYPE_CLIENT_CERT_DER: lws_system_blob_item_t = lws_system_blob_item_t(2);
pub const LWS_SYSBLOB_TYPE_CLIENT_KEY_DER: lws_system_blob_item_t = lws_system_blob_item_t(3);
pub const LWS_SYSBLOB_TYPE_DEVICE_SERIAL: lws_system_blob_item_t = lws_system_blob_item_t(4);
pub const LWS_SYSBLOB_TYPE_DEVICE_FW_VERSION: lws_system_blob_item_t = lws_system_blob_item_t(5);
pub const LWS_SYSBLOB_TYPE_DEVICE_TYPE: lws_system_blob_item_t = lws_system_blob_item_t(6);
pub const LWS_SYSBLOB_TYPE_NTP_SERVER: lws_system_blob_item_t = lws_system_blob_item_t(7);
pub const LWS_SYSBLOB_TYPE_MQTT_CLIENT_ID: lws_system_blob_item_t = lws_system_blob_item_t(8);
pub const LWS_SYSBLOB_TYPE_MQTT_USERNAME: lws_system_blob_item_t = lws_system_blob_item_t(9);
pub const LWS_SYSBLOB_TYPE_MQTT_PASSWORD: lws_system_blob_item_t = lws_system_blob_item_t(10);
pub const LWS_SYSBLOB_TYPE_COUNT: lws_system_blob_item_t = lws_system_blob_item_t(11);

/// The states of the system state manager, in the order they are passed.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct lws_system_states_t(pub c_uint);
pub const LWS_SYSTATE_UNKNOWN: lws_system_states_t = lws_system_states_t(0);
pub const LWS_SYSTATE_CONTEXT_CREATED: lws_system_states_t = lws_system_states_t(1);
pub const LWS_SYSTATE_INITIALIZED: lws_system_states_t = lws_system_states_t(2);
pub const LWS_SYSTATE_IFACE_COLDPLUG: lws_system_states_t = lws_system_states_t(3);
pub const LWS_SYSTATE_DHCP: lws_system_states_t = lws_system_states_t(4);
pub const LWS_SYSTATE_CPD_PRE_TIME: lws_system_states_t = lws_system_states_t(5);
pub const LWS_SYSTATE_TIME_VALID: lws_system_states_t = lws_system_states_t(6);
pub const LWS_SYSTATE_CPD_POST_TIME: lws_system_states_t = lws_system_states_t(7);
pub const LWS_SYSTATE_POLICY_VALID: lws_system_states_t = lws_system_states_t(8);
pub const LWS_SYSTATE_REGISTERED: lws_system_states_t = lws_system_states_t(9);
pub const LWS_SYSTATE_AUTH1: lws_system_states_t = lws_system_states_t(10);
pub const LWS_SYSTATE_AUTH2: lws_system_states_t = lws_system_states_t(11);
/// Connections can be made.
pub const LWS_SYSTATE_OPERATIONAL: lws_system_states_t = lws_system_states_t(12);
pub const LWS_SYSTATE_POLICY_INVALID: lws_system_states_t = lws_system_states_t(13);
pub const LWS_SYSTATE_CONTEXT_DESTROYING: lws_system_states_t = lws_system_states_t(14);

/// What the program does for the library about its system; members may be NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_system_ops {
    /// Restarts the system.
    pub reboot: Option<unsafe extern "C" fn() -> c_int>,
    /// Sets the clock, in microseconds since 1970.
    pub set_clock: Option<unsafe extern "C" fn(us: lws_usec_t) -> c_int>,
    /// Has `cb` called in the service thread, from another one.
    pub attach: Option<
        unsafe extern "C" fn(
            context: *mut lws_context,
            tsi: c_int,
            cb: lws_attach_cb_t,
            state: lws_system_states_t,
            opaque: *mut c_void,
            get: *mut *mut lws_attach_item,
        ) -> c_int,
    >,
    /// Starts a captive portal detection.
    pub captive_portal_detect_request: Option<unsafe extern "C" fn(context: *mut lws_context) -> c_int>,
    /// Takes the report of a metric.
    pub metric_report: Option<unsafe extern "C" fn(mdata: *mut lws_metric_pub_t) -> c_int>,
    /// Asks for the certificate with this key id.
    pub jit_trust_query: Option<
        unsafe extern "C" fn(cx: *mut lws_context, skid: *const u8, skid_len: usize, got_opaque: *mut c_void) -> c_int,
    >,
    /// How long the system takes to wake.
    pub wake_latency_us: u32,
}
const _: () = {
    assert!(size_of::<lws_system_ops>() == 56);
    assert!(align_of::<lws_system_ops>() == 8);
    assert!(offset_of!(lws_system_ops, reboot) == 0);
    assert!(offset_of!(lws_system_ops, set_clock) == 8);
    assert!(offset_of!(lws_system_ops, attach) == 16);
    assert!(offset_of!(lws_system_ops, captive_portal_detect_request) == 24);
    assert!(offset_of!(lws_system_ops, metric_report) == 32);
    assert!(offset_of!(lws_system_ops, jit_trust_query) == 40);
    assert!(offset_of!(lws_system_ops, wake_latency_us) == 48);
};

pub const LWSSYSGAUTH_HEX: c_int = 1;

pub type lws_state_manager_t = lws_state_manager;

pub type lws_state_notify_link_t = lws_state_notify_link;

/// Called before and after a state change, with current and target state; nonzero from before vetoes it.
pub type lws_state_notify_t = Option<
    unsafe extern "C" fn(
        mgr: *mut lws_state_manager,
        link: *mut lws_state_notify_link,
        current: c_int,
        target: c_int,
    ) -> c_int,
>;

/// A state that moves in steps, and those who want to know.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_state_manager {
    pub notify_list: lws_dll2_owner_t,
    pub context: *mut lws_context,
    pub parent: *mut c_void,
    pub smd_class: lws_smd_class_t,
    pub state_names: *mut *const c_char,
    pub name: *const c_char,
    pub state: c_int,
}
const _: () = {
    assert!(size_of::<lws_state_manager>() == 72);
    assert!(align_of::<lws_state_manager>() == 8);
    assert!(offset_of!(lws_state_manager, notify_list) == 0);
    assert!(offset_of!(lws_state_manager, context) == 24);
    assert!(offset_of!(lws_state_manager, parent) == 32);
    assert!(offset_of!(lws_state_manager, smd_class) == 40);
    assert!(offset_of!(lws_state_manager, state_names) == 48);
    assert!(offset_of!(lws_state_manager, name) == 56);
    assert!(offset_of!(lws_state_manager, state) == 64);
};

/// One listener of a state manager.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_state_notify_link {
    pub list: lws_dll2_t,
    pub notify_cb: lws_state_notify_t,
    pub name: *const c_char,
}
const _: () = {
    assert!(size_of::<lws_state_notify_link>() == 40);
    assert!(align_of::<lws_state_notify_link>() == 8);
    assert!(offset_of!(lws_state_notify_link, list) == 0);
    assert!(offset_of!(lws_state_notify_link, notify_cb) == 24);
    assert!(offset_of!(lws_state_notify_link, name) == 32);
};

/// One or several classes of system messages.
pub type lws_smd_class_t = u32;

/// Called with each system message of the wanted classes: opaque, class, time, payload, length.
pub type lws_smd_notification_cb_t = Option<
    unsafe extern "C" fn(
        opaque: *mut c_void,
        class: lws_smd_class_t,
        timestamp: lws_usec_t,
        buf: *mut c_void,
        len: usize,
    ) -> c_int,
>;

/// The classes of system messages; bits of `lws_smd_class_t`.
pub type lws_smd_class_bits = u32;
pub const LWSSMDCL_INTERACTION: lws_smd_class_bits = 1;
pub const LWSSMDCL_SYSTEM_STATE: lws_smd_class_bits = 2;
pub const LWSSMDCL_NETWORK: lws_smd_class_bits = 4;
pub const LWSSMDCL_METRICS: lws_smd_class_bits = 8;
pub const LWSSMDCL_USER_BASE_BITNUM: lws_smd_class_bits = 24;

pub const LWSSMDREG_FLAG_PROXIED_SS: c_int = 1;
pub const LWS_SMD_CLASS_BITFIELD_BYTES: usize = 4;
pub const LWS_SMD_MAX_PAYLOAD: usize = 384;
pub const LWS_SMD_SS_RX_HEADER_LEN: usize = 16;

pub type lws_metric_bucket_t = lws_metric_bucket;

pub type lws_metric_pub_t = lws_metric_pub;

/// A measurement.
pub type u_mt_t = u64;

/// The kinds of a metric result.
pub type lws_metric_kinds = c_int;
pub const LMT_NORMAL: lws_metric_kinds = 0;
pub const LMT_OUTLIER: lws_metric_kinds = 1;
pub const LMT_FAIL: lws_metric_kinds = 2;
pub const LMT_COUNT: lws_metric_kinds = 3;

/// Bits of `flags` of a metric.
pub type lws_metric_flags = u8;
pub const LWSMTFL_REPORT_OUTLIERS: lws_metric_flags = 1;
pub const LWSMTFL_REPORT_OOB: lws_metric_flags = 2;
pub const LWSMTFL_REPORT_INACTIVITY_AT_PERIODIC: lws_metric_flags = 4;
pub const LWSMTFL_REPORT_MEAN: lws_metric_flags = 8;
pub const LWSMTFL_REPORT_ONLY_GO: lws_metric_flags = 16;
pub const LWSMTFL_REPORT_DUTY_WALLCLOCK_US: lws_metric_flags = 32;
pub const LWSMTFL_REPORT_HIST: lws_metric_flags = 64;

/// The occasion of a metric report.
pub type lws_metric_rpt = c_int;
pub const LMR_PERIODIC: lws_metric_rpt = 0;
pub const LMR_OUTLIER: lws_metric_rpt = 1;

/// Head of one histogram bucket of a metric; the name length byte and the name follow it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_metric_bucket {
    pub next: *mut lws_metric_bucket,
    pub count: u64,
}
const _: () = {
    assert!(size_of::<lws_metric_bucket>() == 16);
    assert!(align_of::<lws_metric_bucket>() == 8);
    assert!(offset_of!(lws_metric_bucket, next) == 0);
    assert!(offset_of!(lws_metric_bucket, count) == 8);
};

/// Measurements that are summed up; the arrays are indexed by `METRES_GO` and `METRES_NOGO`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_metric_pub_u_agg {
    pub sum: [u_mt_t; 2],
    pub min: u_mt_t,
    pub max: u_mt_t,
    pub count: [u32; 2],
}
const _: () = {
    assert!(size_of::<lws_metric_pub_u_agg>() == 40);
    assert!(offset_of!(lws_metric_pub_u_agg, sum) == 0);
    assert!(offset_of!(lws_metric_pub_u_agg, min) == 16);
    assert!(offset_of!(lws_metric_pub_u_agg, max) == 24);
    assert!(offset_of!(lws_metric_pub_u_agg, count) == 32);
};

/// Measurements that are counted by name.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_metric_pub_u_hist {
    pub head: *mut lws_metric_bucket_t,
    pub total_count: u64,
    pub list_size: u32,
}
const _: () = {
    assert!(size_of::<lws_metric_pub_u_hist>() == 24);
    assert!(offset_of!(lws_metric_pub_u_hist, head) == 0);
    assert!(offset_of!(lws_metric_pub_u_hist, total_count) == 8);
    assert!(offset_of!(lws_metric_pub_u_hist, list_size) == 16);
};

/// The measurements; which member is valid depends on `LWSMTFL_REPORT_HIST` in `flags`.
#[repr(C)]
#[derive(Clone, Copy)]
pub union lws_metric_pub_u {
    pub agg: lws_metric_pub_u_agg,
    pub hist: lws_metric_pub_u_hist,
}
const _: () = {
    assert!(size_of::<lws_metric_pub_u>() == 40);
    assert!(offset_of!(lws_metric_pub_u, agg) == 0);
    assert!(offset_of!(lws_metric_pub_u, hist) == 0);
};

/// The public part of a metric.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_metric_pub {
    pub name: *const c_char,
    pub backend_opaque: *mut c_void,
    pub us_first: lws_usec_t,
    pub us_last: lws_usec_t,
    pub us_dumped: lws_usec_t,
    pub u: lws_metric_pub_u,
    pub flags: u8,
}
const _: () = {
    assert!(size_of::<lws_metric_pub>() == 88);
    assert!(align_of::<lws_metric_pub>() == 8);
    assert!(offset_of!(lws_metric_pub, name) == 0);
    assert!(offset_of!(lws_metric_pub, backend_opaque) == 8);
    assert!(offset_of!(lws_metric_pub, us_first) == 16);
    assert!(offset_of!(lws_metric_pub, us_last) == 24);
    assert!(offset_of!(lws_metric_pub, us_dumped) == 32);
    assert!(offset_of!(lws_metric_pub, u) == 40);
    assert!(offset_of!(lws_metric_pub, flags) == 80);
};

pub const METRES_GO: usize = 0;
pub const METRES_NOGO: usize = 1;
