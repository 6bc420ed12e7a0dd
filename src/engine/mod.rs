//! The engine: contexts, vhosts and connections, the service turn, sockets and the clock.
//!
//! | question | file |
//! |---|---|
//! | how is state shared while user code runs | [`cell`] |
//! | where do connections live and what are they called | [`table`], [`wsi`], [`fd_map`] |
//! | what do connections share | [`context`], [`vhost`], [`tls_certificates`], [`totals`] |
//! | what happens in one turn | [`service`], [`visit`], [`command`], [`poller`], [`deadline`], [`timer`], [`wake`] |
//! | how does a foreign loop know when | [`loop_timer`] |
//! | how is the program called, and what may it ask | [`callback`], [`asked`], [`poll_events`] |
//! | how do bytes come and go | [`input`], [`out`], [`net`], [`tls`] |
//! | how does a client connection come about | [`client`], [`resolve`], [`cookie_file`] |
//! | how does a server connection come about | [`listeners`], [`vhost_select`], [`vhost_names`], [`tls_accept`], [`tls_limit`], [`adopt`], [`udp`], [`server`], [`transaction`], [`reply`], [`head_pool`] |
//! | what is served without the program | [`mount`], [`file_serving`], [`proxy`] |
//! | what becomes of a context in a forked process | [`fork`] |
//! | what does an open connection do | [`role`] |
//! | how do they end | [`close`], [`linger`], [`destroy`] |
//! | what is told about all this | [`log`], [`trace`] |
//!
//! The one rule: no Rust borrow of engine state lives across a call into the program.
pub mod adopt;
pub mod asked;
pub mod callback;
pub mod cell;
pub mod client;
pub mod close;
pub mod command;
pub mod context;
pub mod cookie_file;
pub mod deadline;
pub mod destroy;
pub mod fd_map;
pub mod file_serving;
pub mod fork;
pub mod head_pool;
pub mod input;
pub mod linger;
pub mod listeners;
pub mod log;
pub mod loop_timer;
pub mod mount;
pub mod net;
pub mod out;
pub mod poll_events;
pub mod poller;
pub mod proxy;
pub mod random;
pub mod reply;
pub mod resolve;
pub mod role;
pub mod server;
pub mod service;
pub mod sys;
pub mod table;
pub mod timer;
pub mod tls;
pub mod tls_accept;
pub mod tls_certificates;
pub mod tls_hooks;
pub mod tls_limit;
pub mod totals;
pub mod trace;
pub mod transaction;
pub mod udp;
pub mod vhost;
pub mod vhost_names;
pub mod vhost_select;
pub mod visit;
pub mod wake;
pub mod wsi;
