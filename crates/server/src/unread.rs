//! Reads what a handler left of a request's body, so that its refusal arrives: a connection that is closed while the
//! client still sends is reset, and with it goes the answer.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use futures_util::StreamExt;
use http_body::{Body as _, Frame, SizeHint};
use tokio::sync::oneshot;

use crate::clock::Timers;

/// What comes with the headers in one read; hyper gets over that much by itself.
const BESIDE_HEADERS_BYTES: u64 = 8 * 1024;
/// A client that sends more than this in vain is cut off.
const BYTES_MAX: usize = 16 << 20;
/// And one that takes longer.
const WITHIN: Duration = Duration::from_secs(20);

/// The rest of a body that its handler did not read to the end.
#[derive(Debug)]
pub struct Rest(oneshot::Receiver<Body>);

/// Keeps hold of what the handler will leave of the body; `None` where that cannot matter.
pub fn watch(request: Request) -> (Request, Option<Rest>) {
    if request.body().size_hint().upper().is_some_and(|bytes| bytes <= BESIDE_HEADERS_BYTES) {
        return (request, None);
    }
    let (back, rest) = oneshot::channel();
    (request.map(|body| Body::new(Watched { body, back: Some(back) })), Some(Rest(rest)))
}

impl Rest {
    /// Reads the rest and drops it, as far as is bearable. To be called when the answer is there.
    pub async fn drain(mut self, timers: &Timers) {
        let Ok(body) = self.0.try_recv() else { return };
        let all = async {
            let mut bytes = 0;
            let mut chunks = pin!(body.into_data_stream());
            while bytes <= BYTES_MAX
                && let Some(Ok(chunk)) = chunks.next().await
            {
                bytes += chunk.len();
            }
        };
        if timers.timeout(WITHIN, all).await.is_err() {
            tracing::debug!("a client took too long to send what was refused");
        }
    }
}

/// A body that comes back when it is dropped before its end.
struct Watched {
    body: Body,
    /// `None` once the body has ended.
    back: Option<oneshot::Sender<Body>>,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            self.back = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(back) = self.back.take()
            && !self.body.is_end_stream()
        {
            // Nobody waits for it any more if the request was given up.
            let _ = back.send(std::mem::take(&mut self.body));
        }
    }
}
