//! The app at a fake of the platform that does what the real one may do (reference: platform-protocol): expired tokens,
//! limits, faults, events that come twice, lists that change while they are read.

mod clock;
mod events;
mod faqs;
mod faults;
mod platform;
mod shadow;
