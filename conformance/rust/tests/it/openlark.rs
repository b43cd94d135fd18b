//! `openlark`: calls and a client for long connections; its models of the help desk are not the platform's.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use open_lark::helpdesk::helpdesk::helpdesk::v1::event::subscribe::EventSubscribeRequest;
use open_lark::helpdesk::helpdesk::helpdesk::v1::ticket::answer_user_query::AnswerUserQueryFaq;
use open_lark::prelude::{ApiRequest, Transport};
use open_lark::ws_client::{EventDispatcherHandler, EventHandler, EventHeader, LarkWsClient, WsClientError};
use open_lark::{Client, CoreError, RequestOption};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::time::sleep;

use crate::guest::{Guest, ask};
use crate::server::{Server, app, desk, faq, text};
use crate::{CJK, GUEST, STUMBLE, SUBSCRIBED, known, long_text};

const PATH: &str = "/open-apis/helpdesk/v1";
/// How long its user waits before opening a connection again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
const GOING_AWAY: u16 = 1001;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// An event as its user has to write it: the crate has types for the header and for two events of chats.
#[derive(Clone, Debug, Deserialize)]
struct Told<T> {
    schema: String,
    header: EventHeader,
    event: T,
}

#[derive(Clone, Debug, Deserialize)]
struct Message {
    event_id: String,
    #[serde(rename = "message_id")]
    id: String,
    chat_id: String,
    msg_type: String,
    text: String,
    content: Content,
    sender_type: i32,
    sender_id: Option<Who>,
    ticket: TicketOfMessage,
}

#[derive(Clone, Debug, Deserialize)]
struct Content {
    content: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Who {
    open_id: String,
}

#[derive(Clone, Debug, Deserialize)]
struct TicketOfMessage {
    ticket_id: String,
    status: i32,
}

#[derive(Clone, Debug, Deserialize)]
struct Ticket {
    #[serde(rename = "ticket_id")]
    id: String,
    chat_id: String,
    stage: i32,
    status: i32,
}

#[derive(Clone, Debug, Deserialize)]
struct Update {
    object: Ticket,
    old_object: Old,
}

#[derive(Clone, Debug, Deserialize)]
struct Old {
    stage: Option<i32>,
}

fn client(server: &Server) -> Client {
    Client::builder()
        .app_id(text(app(), "app_id"))
        .app_secret(text(app(), "app_secret"))
        .base_url(&server.url)
        .allow_custom_base_url(true)
        .build()
        .unwrap()
}

/// Names the help desk. `need_helpdesk_auth` would send nothing.
fn at_desk(token: &str) -> RequestOption {
    let credential = STANDARD.encode(format!("{}:{token}", text(desk(), "id")));
    RequestOption::builder().add_header("X-Lark-Helpdesk-Authorization", credential).build()
}

/// The data of a call, with the SDK's token and transport but without its models.
async fn call(client: &Client, request: ApiRequest<Value>, option: RequestOption) -> Result<Value, CoreError> {
    Transport::<Value>::request_typed(request, client.config(), Some(option), "help desk").await
}

/// The code of a refusal.
fn code(refusal: CoreError) -> i32 {
    match refusal {
        CoreError::Api(api) => api.raw_code,
        other => panic!("no refusal: {other}"),
    }
}

/// An answering bot as a customer writes it.
struct Bot {
    api: Client,
    messages: Mutex<Vec<Told<Message>>>,
    tickets: Mutex<Vec<Told<Ticket>>>,
    updates: Mutex<Vec<Told<Update>>>,
    stumbled: AtomicBool,
    /// How the connections ended: close codes.
    ended: Mutex<Vec<u16>>,
}

impl Bot {
    fn new(server: &Server) -> Arc<Self> {
        Arc::new(Self {
            api: client(server),
            messages: Mutex::default(),
            tickets: Mutex::default(),
            updates: Mutex::default(),
            stumbled: AtomicBool::default(),
            ended: Mutex::default(),
        })
    }

    /// Subscribes and connects.
    async fn start(server: &Server) -> Arc<Self> {
        let bot = Self::new(server);
        bot.subscribe().await.unwrap();
        tokio::spawn(Arc::clone(&bot).stay_connected());
        bot
    }

    async fn call(&self, request: ApiRequest<Value>) -> Result<Value, CoreError> {
        call(&self.api, request, at_desk(&text(desk(), "token"))).await
    }

    /// The crate's own call sends no events to subscribe to.
    async fn subscribe(&self) -> Result<(), CoreError> {
        let events = SUBSCRIBED.map(|(kind, subtype)| json!({"type": kind, "subtype": subtype}));
        self.call(ApiRequest::post(format!("{PATH}/events/subscribe")).body(json!({"events": events}))).await?;
        Ok(())
    }

    /// The crate's client ends with its connection, and its user opens another.
    async fn stay_connected(self: Arc<Self>) {
        let config = Arc::new(self.api.config().clone());
        loop {
            match LarkWsClient::open(Arc::clone(&config), self.handler()).await {
                Err(WsClientError::ConnectionClosed { reason: Some(reason) }) => {
                    self.ended.lock().unwrap().push(reason.code.into());
                }
                ended => println!("no connection: {ended:?}"),
            }
            sleep(AGAIN_AFTER).await;
        }
    }

    fn handler(self: &Arc<Self>) -> EventDispatcherHandler {
        let (messages, tickets, updates) = (Arc::clone(self), Arc::clone(self), Arc::clone(self));
        // Handlers are synchronous, on a thread that may block.
        let runtime = Handle::current();
        let on_message = move |message| Ok(runtime.block_on(messages.on_message(message))?);
        let on_ticket = move |ticket| {
            tickets.tickets.lock().unwrap().push(ticket);
            Ok(())
        };
        let on_update = move |update| {
            updates.updates.lock().unwrap().push(update);
            Ok(())
        };
        EventDispatcherHandler::builder()
            .register_raw("helpdesk.ticket_message.created_v1", Take::new(on_message))
            .and_then(|handler| handler.register_raw("helpdesk.ticket.created_v1", Take::new(on_ticket)))
            .and_then(|handler| handler.register_raw("helpdesk.ticket.updated_v1", Take::new(on_update)))
            .unwrap()
            .build()
    }

    async fn on_message(&self, message: Told<Message>) -> Result<(), CoreError> {
        self.messages.lock().unwrap().push(message.clone());
        let message = message.event;
        // The bot's own answers are events too.
        if message.sender_type != GUEST {
            return Ok(());
        }
        if message.text == STUMBLE && !self.stumbled.swap(true, Ordering::SeqCst) {
            return Err(open_lark::prelude::validation_error("text", "on purpose"));
        }
        self.answer(&message.ticket.ticket_id, &message.event_id, known(&message.text)).await
    }

    async fn answer(&self, ticket_id: &str, event_id: &str, faq: Option<String>) -> Result<(), CoreError> {
        let faqs: Vec<Value> = faq.into_iter().map(|id| json!({"id": id, "score": 0.9})).collect();
        let request = ApiRequest::post(format!("{PATH}/tickets/{ticket_id}/answer_user_query"));
        self.call(request.body(json!({"event_id": event_id, "faqs": faqs}))).await?;
        Ok(())
    }

    /// The messages of this text that came, once for each time.
    fn told(&self, text: &str) -> Vec<Told<Message>> {
        self.messages.lock().unwrap().iter().filter(|message| message.event.text == text).cloned().collect()
    }
}

/// Decodes an event and hands it on.
struct Take<T>(Box<dyn Fn(Told<T>) -> Result<(), Failure> + Send + Sync>);

impl<T> Take<T> {
    fn new(take: impl Fn(Told<T>) -> Result<(), Failure> + Send + Sync + 'static) -> Self {
        Self(Box::new(take))
    }
}

impl<T: DeserializeOwned + 'static> EventHandler for Take<T> {
    fn handle(&self, payload: &[u8]) -> Result<(), Failure> {
        (self.0)(serde_json::from_slice(payload)?)
    }
}

#[tokio::test]
async fn a_question_comes_decoded_and_its_answer_is_shown() {
    let server = Server::start().await;
    let bot = Bot::start(&server).await;
    for question in [text(faq(0), "question").as_str(), CJK] {
        let mut guest = Guest::arrive(&server).await;
        let ticket_id = guest.ask(question).await;
        let shown = guest.wait("answer").await;
        assert_eq!((&shown["mode"], &shown["answered_by"]), (&json!("direct"), &json!("app")));
        assert_eq!(shown["faqs"][0]["answer"], faq(0)["answer"]);

        let [told] = bot.told(question).try_into().unwrap();
        assert_eq!((told.schema.as_str(), told.header.app_id), ("2.0", text(app(), "app_id")));
        assert_eq!(told.header.token, text(&app()["events"], "verification_token"));
        let message = told.event;
        assert_eq!((message.msg_type.as_str(), message.content.content.as_str()), ("text", question));
        assert_eq!((message.sender_id.unwrap().open_id, message.chat_id), (guest.open_id, guest.chat_id));
        assert!(message.id.starts_with("om_"));
        assert_eq!(shown["event_id"], message.event_id);
        assert_eq!((message.ticket.ticket_id, message.ticket.status), (ticket_id, 1));
    }
    server.delivered().await;
    let [connection] = server.connections().await.try_into().unwrap();
    assert_eq!(connection["app_id"], app()["app_id"]);
    assert_eq!((&connection["in_flight"], &connection["last_failure"]), (&json!(0), &json!(null)));
}

#[tokio::test]
async fn ticket_events_are_decoded() {
    let server = Server::start().await;
    let bot = Bot::start(&server).await;
    let mut guest = Guest::arrive(&server).await;
    let ticket_id = guest.ask(CJK).await;
    guest.wait("answer").await;
    guest.post("/human", json!({})).await;
    server.delivered().await;

    let [created] = std::mem::take(&mut *bot.tickets.lock().unwrap()).try_into().unwrap();
    assert_eq!(created.header.event_type, "helpdesk.ticket.created_v1");
    assert_eq!((&created.event.id, created.event.chat_id), (&ticket_id, guest.chat_id));
    assert_eq!((created.event.stage, created.event.status), (1, 1));
    let Update { object, old_object } = bot.updates.lock().unwrap()[0].event.clone();
    assert_eq!((object.id, old_object.stage, object.stage), (ticket_id, Some(1), 2));
}

#[tokio::test]
async fn a_long_text_comes_in_parts_as_it_was_sent() {
    let server = Server::start().await;
    let bot = Bot::start(&server).await;
    let long = long_text();
    let ticket_id = text(&Guest::arrive(&server).await.post("/human", json!({})).await, "ticket_id");
    let body = json!({"msg_type": "text", "content": json!({"text": long}).to_string()});
    bot.call(ApiRequest::post(format!("{PATH}/tickets/{ticket_id}/messages")).body(body)).await.unwrap();
    server.delivered().await;
    let [told] = bot.told(&long).try_into().unwrap();
    assert_eq!(told.event.content.content, long);
}

#[tokio::test]
async fn an_event_that_was_not_taken_comes_again() {
    let server = Server::start().await;
    let bot = Bot::start(&server).await;
    let mut guest = Guest::arrive(&server).await;
    guest.ask(STUMBLE).await;
    server.refused().await;
    server.advance_clock(15_000).await;
    assert_eq!(guest.wait("answer").await["answered_by"], "app");
    let [first, second] = bot.told(STUMBLE).try_into().unwrap();
    assert_eq!(first.header.event_id, second.header.event_id);
    server.delivered().await;
}

#[tokio::test]
async fn a_user_who_opens_again_after_a_restart_loses_nothing() {
    let mut server = Server::start().await;
    let bot = Bot::start(&server).await;
    ask(&server, CJK).await;
    for _ in 0..2 {
        server.delivered().await;
        server.restart().await;
        // Whether or not there is a connection again: the event waits for it.
        assert_eq!(ask(&server, CJK).await["answered_by"], "app");
    }
    assert_eq!(*bot.ended.lock().unwrap(), [GOING_AWAY; 2]);
    assert_eq!(server.connections().await.len(), 1);
    let delivered = server.delivered().await.len();
    let messages = bot.messages.lock().unwrap().len();
    let others = bot.tickets.lock().unwrap().len() + bot.updates.lock().unwrap().len();
    assert_eq!(messages + others, delivered, "each event came once");
}

#[tokio::test]
async fn tickets_and_faqs_are_read() {
    let server = Server::start().await;
    let api = client(&server);
    let get = async |path: &str, query: &[(&str, &str)]| {
        let request = ApiRequest::get(format!("{PATH}{path}")).query_params(query.iter().copied());
        call(&api, request, at_desk(&text(desk(), "token"))).await.unwrap()
    };
    let mut newest = (String::new(), String::new());
    for _ in 0..2 {
        let guest = Guest::arrive(&server).await;
        newest = (text(&guest.post("/human", json!({})).await, "ticket_id"), guest.open_id);
    }
    let ticket = &get(&format!("/tickets/{}", newest.0), &[]).await["ticket"];
    assert_eq!((&ticket["ticket_id"], &ticket["ticket_type"]), (&json!(newest.0), &json!(2)));
    assert_eq!((&ticket["guest"]["id"], &ticket["guest"]["name"]), (&json!(newest.1), &json!("Gina 吉娜")));

    let page = get("/tickets", &[("page", "2"), ("page_size", "1")]).await;
    assert_eq!((&page["total"], page["tickets"].as_array().unwrap().len()), (&json!(2), 1));
    let of_guest = get("/tickets", &[("guest_id", &newest.1)]).await;
    assert_eq!((&of_guest["total"], &of_guest["tickets"][0]["ticket_id"]), (&json!(1), &json!(newest.0)));

    let first = get("/faqs", &[("page_size", "2")]).await;
    let last = get("/faqs", &[("page_size", "2"), ("page_token", &text(&first, "page_token"))]).await;
    let faqs = [&first["items"][0], &first["items"][1], &last["items"][0]];
    assert_eq!(faqs.map(|faq| &faq["id"]), [0, 1, 2].map(|number| &faq(number)["id"]));
    assert_eq!(faqs.map(|faq| &faq["question"]), [0, 1, 2].map(|number| &faq(number)["question"]));
    assert_eq!((&faqs[0]["tags"], &last["has_more"]), (&faq(0)["similar"], &json!(false)));
}

#[tokio::test]
async fn refusals_show_their_code() {
    let server = Server::start().await;
    let api = client(&server);
    let refused = async |option| {
        let request = ApiRequest::get(format!("{PATH}/tickets/7000000000000000000"));
        code(call(&api, request, option).await.unwrap_err())
    };
    assert_eq!(refused(at_desk(&text(desk(), "token"))).await, 154_004);
    assert_eq!(refused(at_desk("ht-wrong")).await, 154_001);
    assert_eq!(refused(RequestOption::default()).await, 154_001);
}

/// Why everything above makes its calls without the crate's models: they expect what the platform does not answer. When
/// one of these fails, the crate has mended it.
#[tokio::test]
async fn what_the_models_get_wrong() {
    let server = Server::start().await;
    let bot = Bot::new(&server);
    bot.subscribe().await.unwrap();
    let v1 = bot.api.helpdesk.v1();
    let option = || at_desk(&text(desk(), "token"));
    let mut guest = Guest::arrive(&server).await;
    let ticket_id = guest.ask(CJK).await;

    // The answer is given, and the crate takes it for a failure, as there is no `message_id`.
    let event_id = server.event_id_of_a_message().await;
    let best = AnswerUserQueryFaq { id: text(faq(0), "id"), score: 0.9 };
    let answer = v1.ticket().answer_user_query(&ticket_id).event_id(event_id).faqs(vec![best]);
    let failed = answer.execute_with_options(option()).await.unwrap_err();
    assert!(failed.to_string().contains("message_id"), "{failed}");
    assert_eq!(guest.wait("answer").await["answered_by"], "app");

    // A ticket has to come without `ticket` around it, with a title, and with a text as its status.
    let failed = v1.ticket().get(&ticket_id).execute_with_options(option()).await.unwrap_err();
    assert!(failed.to_string().contains("missing field `ticket_id`"), "{failed}");
    let failed = v1.ticket().list().execute_with_options(option()).await.unwrap_err();
    assert!(failed.to_string().contains("expected a string"), "{failed}");
    // FAQs are read, but for their questions and answers.
    let faqs = v1.faq().list().execute_with_options(option()).await.unwrap().items.unwrap();
    assert_eq!((faqs.len(), &faqs[0].title, &faqs[0].content), (3, &None, &None));

    // The option for the help desk's header sends none, and the call that subscribes sends no events.
    let config = Arc::new(bot.api.config().clone());
    let with_flag = RequestOption::builder().need_helpdesk_auth(true).build();
    let refused = EventSubscribeRequest::new(Arc::clone(&config)).execute_with_options(with_flag).await.unwrap_err();
    assert_eq!(code(refused), 154_001);
    let refused = EventSubscribeRequest::new(config).execute_with_options(option()).await.unwrap_err();
    assert_eq!(code(refused), 99_992_402);
}
