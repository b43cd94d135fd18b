//! The command line on the real binary: exit status, what stands on standard output and standard error, and what is
//! written.

mod answer;
mod apply;
mod ask;
mod bench;
mod chat;
mod config;
mod crash_rounds;
mod databases;
mod disk_full;
mod eval;
mod events;
mod explain;
mod export;
mod faq;
mod gaps;
mod reference;
mod replay;
mod server;
mod shutdown;
