//! Nothing: the benches are in `cores.rs`.
