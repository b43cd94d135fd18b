//! The command line on the real binary: exit status, what stands on standard output and standard error, and what is
//! written.

mod apply;
mod ask;
mod bench;
mod config;
mod databases;
mod export;
mod server;
