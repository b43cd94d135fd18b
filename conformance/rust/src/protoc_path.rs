//! Prints the path of the `protoc` that comes with a crate; `larksuite-oapi-sdk-rs` is built with it.

#[cfg(target_arch = "aarch64")]
use protoc_bin_vendored_linux_aarch_64 as vendored;
#[cfg(target_arch = "x86_64")]
use protoc_bin_vendored_linux_x86_64 as vendored;

fn main() {
    println!("{}", vendored::protoc_bin_path().display());
}
