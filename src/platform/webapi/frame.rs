//! A hidden frame, and the answer that comes to it.

use super::{
    policy::Refusals,
    wait::{Listener, pause, promise},
};
use crate::{error::BrowserError, platform::web_page, text::cut};
use js_sys::Function;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, HtmlIFrameElement, MessageEvent, Window};

/// How long an answer may take, in seconds, and how often to look for it, in milliseconds.
const PATIENCE: u64 = 10;
const LOOK: i32 = 50;
/// How long a page that has brought its answer may go on loading what it loads, in milliseconds: WebKit (seen in 2.50) never comes back from a
/// frame that goes while its page loads modules.
const AFTER: i32 = 250;

/// The frame's name, by which its pages know that they are in one.
const NAME: &str = "consentry-silent";
/// The server's page runs as it would in a window, but does not lead this page elsewhere.
const SANDBOX: &str = "allow-forms allow-same-origin allow-scripts";

/// The turns at the frame: there is one at a time.
#[derive(Debug, Default)]
pub(super) struct Turns(RefCell<Option<JsFuture>>);

/// Ends a turn.
struct Turn(Function);

impl Drop for Turn {
    fn drop(&mut self) {
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

impl Turns {
    async fn next(&self) -> Option<Turn> {
        let end = Cell::new(None);
        let over = promise(|resolve, _| end.set(Some(Turn(resolve.clone()))));
        if let Some(before) = self.0.replace(Some(over)) {
            let _ = before.await;
        }
        end.take()
    }
}

/// A frame, and the channel that a page in it may send its answer by; both are gone when this is dropped.
struct Frame {
    element: HtmlIFrameElement,
    channel: BroadcastChannel,
    answer: Rc<RefCell<Option<String>>>,
    _listener: Listener,
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.channel.close();
        self.element.remove();
    }
}

pub(super) async fn ask(turns: &Turns, url: &str, name: &str) -> Result<String, BrowserError> {
    let _turn = turns.next().await;
    let window = web_page::window()?;
    let is_named = window.name().is_ok_and(|own| own == NAME);
    if is_named && window.frame_element().is_ok_and(|element| element.is_some()) {
        return Err(BrowserError::FrameNested);
    }
    let refusals = Refusals::of("frame-src", url)?;
    let frame = open(&window, url, name).map_err(|_| BrowserError::FrameBlocked)?;
    let end = web_page::elapsed() + PATIENCE;
    while web_page::elapsed() <= end {
        pause(LOOK).await;
        if refusals.has_any() {
            return Err(BrowserError::FrameBlocked);
        }
        let answer = frame.answer.take().or_else(|| fragment_of(&frame.element).filter(|text| text.contains(name)));
        if let Some(answer) = answer {
            pause(AFTER).await;
            return Ok(answer);
        }
    }
    Err(BrowserError::FrameTimedOut)
}

fn open(window: &Window, url: &str, name: &str) -> Result<Frame, JsValue> {
    let document = window.document().ok_or(JsValue::UNDEFINED)?;
    let element: HtmlIFrameElement = document.create_element("iframe")?.unchecked_into();
    for (attribute, value) in [
        ("name", NAME),
        ("title", "Silent sign-in"),
        ("tabindex", "-1"),
        ("aria-hidden", "true"),
        ("sandbox", SANDBOX),
        ("src", url),
    ] {
        element.set_attribute(attribute, value)?;
    }
    element.style().set_property_with_priority("display", "none", "important")?;
    let channel = BroadcastChannel::new(name)?;
    let answer = Rc::new(RefCell::new(None));
    let heard = Rc::clone(&answer);
    let listener = Listener::new(&channel, "message", move |event| {
        let event: MessageEvent = event.unchecked_into();
        heard.replace(event.data().as_string());
    });
    let frame = Frame { element, channel, answer, _listener: listener };
    document.document_element().ok_or(JsValue::UNDEFINED)?.append_with_node_1(&frame.element)?;
    Ok(frame)
}

/// Of the page in the frame, if it is of this origin: a server's page is not to be looked at.
fn fragment_of(frame: &HtmlIFrameElement) -> Option<String> {
    let address = frame.content_window()?.location().href().ok()?;
    cut(&address, b'#').map(|(_, fragment)| fragment.to_owned())
}
