//! Both ends of TLS against each other, in memory: made-up authorities, certificates with every fault, all flags.
mod data;
mod keys;
mod matrix;
mod pair;
mod server;
