//! A body that is copied, up to a limit, while it passes.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body::{Frame, SizeHint};

/// What is kept of a body: its beginning, and how many bytes there were in all.
#[derive(Debug)]
pub struct Kept(Mutex<(Vec<u8>, usize)>, usize);

impl Kept {
    /// Keeps this many bytes at most.
    pub fn new(most: usize) -> Self {
        Self(Mutex::default(), most)
    }

    fn add(&self, data: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = self.1.saturating_sub(kept.0.len()).min(data.len());
        kept.0.extend_from_slice(&data[..room]);
        kept.1 += data.len();
    }

    /// The kept bytes, and how many there were in all.
    pub fn read(&self) -> (Vec<u8>, usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many bytes are kept.
    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.len()
    }
}

/// See the module.
pub struct Tee {
    inner: Body,
    kept: Arc<Kept>,
}

impl Tee {
    /// `inner`, copied into `kept` as it is read.
    pub fn body(inner: Body, kept: Arc<Kept>) -> Body {
        Body::new(Self { inner, kept })
    }
}

impl HttpBody for Tee {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            self.kept.add(data);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
