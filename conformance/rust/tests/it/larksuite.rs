//! `larksuite-oapi-sdk-rs`: typed calls and events, with gaps, and a client that comes back by itself.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use larksuite_oapi_sdk_rs::events::helpdesk::P2HelpdeskTicketMessageCreatedV1;
use larksuite_oapi_sdk_rs::service::helpdesk::v1::{
    AnswerUserQueryReqBody, CreateTicketMessageReqBody, HelpdeskEvent, ListTicketQuery, SubscribeEventReqBody,
    UpdateTicketReqBody, UserQueryFaqInfo,
};
use larksuite_oapi_sdk_rs::{EventDispatcher, LarkClient, LarkError, RequestOption};
use serde_json::{Value, json};

use crate::guest::{Guest, ask};
use crate::server::{Server, app, desk, faq, text};
use crate::{CJK, GUEST, STUMBLE, SUBSCRIBED, known, long_text};

fn client(server: &Server, helpdesk_token: &str) -> LarkClient {
    LarkClient::builder(text(app(), "app_id"), text(app(), "app_secret"))
        .base_url(&server.url)
        .helpdesk_credential(text(desk(), "id"), helpdesk_token)
        .build()
        .unwrap()
}

/// Names the help desk.
fn at_desk() -> RequestOption {
    RequestOption { need_helpdesk_auth: true, ..RequestOption::default() }
}

/// An answering bot as a customer writes it.
struct Bot {
    api: LarkClient,
    messages: Mutex<Vec<P2HelpdeskTicketMessageCreatedV1>>,
    tickets: Mutex<Vec<Value>>,
    updates: Mutex<Vec<Value>>,
    stumbled: AtomicBool,
    connected: AtomicUsize,
}

impl Bot {
    fn new(server: &Server) -> Arc<Self> {
        Arc::new(Self {
            api: client(server, &text(desk(), "token")),
            messages: Mutex::default(),
            tickets: Mutex::default(),
            updates: Mutex::default(),
            stumbled: AtomicBool::default(),
            connected: AtomicUsize::default(),
        })
    }

    /// Subscribes and connects.
    async fn start(server: &Server) -> Arc<Self> {
        let bot = Self::new(server);
        bot.subscribe().await.unwrap();
        let ready = Arc::clone(&bot);
        let connection = bot.api.ws_client(bot.dispatcher()).on_ready(move || {
            ready.connected.fetch_add(1, Ordering::SeqCst);
        });
        tokio::spawn(connection.start());
        bot
    }

    /// Events of tickets come as JSON, because their models cannot hold them; see below.
    fn dispatcher(self: &Arc<Self>) -> EventDispatcher {
        let (messages, tickets, updates) = (Arc::clone(self), Arc::clone(self), Arc::clone(self));
        EventDispatcher::new("", "")
            .on_p2_helpdesk_ticket_message_created_v1(move |message| {
                let bot = Arc::clone(&messages);
                async move { bot.on_message(message).await }
            })
            .on_event("helpdesk.ticket.created_v1", move |ticket| {
                tickets.tickets.lock().unwrap().push(ticket.into_value());
                async { Ok(()) }
            })
            .on_event("helpdesk.ticket.updated_v1", move |update| {
                updates.updates.lock().unwrap().push(update.into_value());
                async { Ok(()) }
            })
    }

    async fn subscribe(&self) -> Result<(), LarkError> {
        let event = |(kind, subtype): &(&str, &str)| {
            let mut event = HelpdeskEvent::default();
            event.type_ = Some((*kind).to_owned());
            event.subtype = Some((*subtype).to_owned());
            event
        };
        let body = SubscribeEventReqBody { events: Some(SUBSCRIBED.iter().map(event).collect()) };
        self.api.helpdesk().event.subscribe(&body, &at_desk()).await?;
        Ok(())
    }

    async fn on_message(&self, message: P2HelpdeskTicketMessageCreatedV1) -> Result<(), LarkError> {
        self.messages.lock().unwrap().push(message.clone());
        // The bot's own answers are events too.
        if message.sender_type != Some(GUEST) {
            return Ok(());
        }
        let question = message.text.unwrap_or_default();
        if question == STUMBLE && !self.stumbled.swap(true, Ordering::SeqCst) {
            return Err(LarkError::Event("on purpose".into()));
        }
        let ticket_id = message.ticket.and_then(|ticket| ticket.ticket_id).unwrap_or_default();
        self.answer(&ticket_id, &message.event_id.unwrap_or_default(), known(&question)).await
    }

    async fn answer(&self, ticket_id: &str, event_id: &str, faq: Option<String>) -> Result<(), LarkError> {
        let info = |id| {
            let mut info = UserQueryFaqInfo::default();
            info.id = Some(id);
            info.score = Some(0.9);
            info
        };
        let faqs = faq.into_iter().map(info).collect();
        let body = AnswerUserQueryReqBody { event_id: Some(event_id.to_owned()), faqs: Some(faqs) };
        self.api.helpdesk().ticket.answer_user_query(ticket_id, &body, &at_desk()).await?;
        Ok(())
    }

    /// The messages of this text that came, once for each time.
    fn told(&self, text: &str) -> Vec<P2HelpdeskTicketMessageCreatedV1> {
        let messages = self.messages.lock().unwrap();
        messages.iter().filter(|message| message.text.as_deref() == Some(text)).cloned().collect()
    }
}

#[tokio::test]
async fn a_question_comes_typed_and_its_answer_is_shown() {
    let server = Server::start().await;
    let bot = Bot::start(&server).await;
    for question in [text(faq(0), "question").as_str(), CJK] {
        let mut guest = Guest::arrive(&server).await;
        let ticket_id = guest.ask(question).await;
        let shown = guest.wait("answer").await;
        assert_eq!((&shown["mode"], &shown["answered_by"]), (&json!("direct"), &json!("app")));
        assert_eq!(shown["faqs"][0]["answer"], faq(0)["answer"]);

        let [message] = bot.told(question).try_into().unwrap();
        assert_eq!(message.content.unwrap().content.as_deref(), Some(question));
        assert_eq!(message.msg_type.as_deref(), Some("text"));
        assert_eq!(message.sender_id.unwrap().open_id, Some(guest.open_id));
        assert_eq!(message.chat_id, Some(guest.chat_id));
        assert!(message.message_id.unwrap().starts_with("om_"));
        assert_eq!(message.event_id.as_deref(), shown["event_id"].as_str());
        let ticket = message.ticket.unwrap();
        assert_eq!((ticket.ticket_id, ticket.status), (Some(ticket_id), Some(1)));
    }
    server.delivered().await;
    let [connection] = server.connections().await.try_into().unwrap();
    assert_eq!(connection["app_id"], app()["app_id"]);
    assert_eq!((&connection["in_flight"], &connection["last_failure"]), (&json!(0), &json!(null)));
}

#[tokio::test]
async fn ticket_events_come_as_json() {
    let server = Server::start().await;
    let bot = Bot::start(&server).await;
    let mut guest = Guest::arrive(&server).await;
    let ticket_id = guest.ask(CJK).await;
    guest.wait("answer").await;
    guest.post("/human", json!({})).await;
    server.delivered().await;

    let [created] = std::mem::take(&mut *bot.tickets.lock().unwrap()).try_into().unwrap();
    assert_eq!((&created["ticket_id"], &created["chat_id"]), (&json!(ticket_id), &json!(guest.chat_id)));
    assert_eq!((&created["stage"], &created["status"]), (&json!(1), &json!(1)));
    let who = &created["guest"];
    assert_eq!((&who["name"], &who["id"]["open_id"]), (&json!("Gina 吉娜"), &json!(guest.open_id)));
    let update = bot.updates.lock().unwrap()[0].clone();
    assert_eq!(update["object"]["ticket_id"], ticket_id);
    assert_eq!((&update["old_object"]["stage"], &update["object"]["stage"]), (&json!(1), &json!(2)));
}

#[tokio::test]
async fn a_long_text_comes_in_parts_as_it_was_sent() {
    let server = Server::start().await;
    let bot = Bot::start(&server).await;
    let long = long_text();
    let ticket_id = text(&Guest::arrive(&server).await.post("/human", json!({})).await, "ticket_id");
    let content = json!({"text": long}).to_string();
    let body = CreateTicketMessageReqBody { msg_type: Some("text".into()), content: Some(content) };
    bot.api.helpdesk().ticket_message.create(&ticket_id, &body, &at_desk()).await.unwrap();
    server.delivered().await;
    let [message] = bot.told(&long).try_into().unwrap();
    assert_eq!(message.content.unwrap().content, Some(long));
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
    assert_eq!(first.event_id, second.event_id);
    server.delivered().await;
}

#[tokio::test]
async fn the_client_comes_back_after_a_restart_and_nothing_is_lost() {
    let mut server = Server::start().await;
    let bot = Bot::start(&server).await;
    ask(&server, CJK).await;
    for round in 1..=2 {
        server.delivered().await;
        server.restart().await;
        // The client is back 5 s after it lost the connection; the event waits for it.
        assert_eq!(ask(&server, CJK).await["answered_by"], "app");
        assert_eq!(bot.connected.load(Ordering::SeqCst), 1 + round);
    }
    assert_eq!(server.connections().await.len(), 1);
    let delivered = server.delivered().await.len();
    let messages = bot.messages.lock().unwrap().len();
    let others = bot.tickets.lock().unwrap().len() + bot.updates.lock().unwrap().len();
    assert_eq!(messages + others, delivered, "each event came once");
}

#[tokio::test]
async fn tickets_and_faqs_are_read() {
    let server = Server::start().await;
    let api = client(&server, &text(desk(), "token"));
    let api = api.helpdesk();
    let mut newest = (String::new(), String::new());
    for _ in 0..2 {
        let guest = Guest::arrive(&server).await;
        newest = (text(&guest.post("/human", json!({})).await, "ticket_id"), guest.open_id);
    }
    let ticket = api.ticket.get(&newest.0, &at_desk()).await.unwrap().data.unwrap().ticket.unwrap();
    assert_eq!((ticket.ticket_id.as_ref(), ticket.ticket_type), (Some(&newest.0), Some(2)));
    let guest = ticket.guest.unwrap();
    assert_eq!((guest.id.as_ref(), guest.name.as_deref()), (Some(&newest.1), Some("Gina 吉娜")));

    for query in [ListTicketQuery::new().page_size(1), ListTicketQuery::new().guest_id(newest.1.as_str())] {
        let page = api.ticket.list_by_query(&query, &at_desk()).await.unwrap().data.unwrap();
        assert_eq!(page.total, Some(if query.guest_id.is_some() { 1 } else { 2 }));
        let [listed] = page.tickets.try_into().unwrap();
        assert_eq!(listed.ticket_id.as_ref(), Some(&newest.0));
    }

    let (mut faqs, mut page_token) = (Vec::new(), None);
    loop {
        let page = api.faq.list(Some(2), page_token.as_deref(), None, None, &at_desk()).await.unwrap().data.unwrap();
        faqs.extend(page.items);
        page_token = page.page_token;
        if page.has_more != Some(true) {
            break;
        }
    }
    let ids: Vec<_> = faqs.iter().map(|faq| faq.id.as_deref().unwrap()).collect();
    assert_eq!(ids, [0, 1, 2].map(|number| faq(number)["id"].as_str().unwrap()));
    assert_eq!(faqs[0].question.as_deref(), faq(0)["question"].as_str());
    assert_eq!(faqs[0].tags.as_ref().unwrap()[1], "忘记密码怎么办");
}

#[tokio::test]
async fn refusals_show_their_code() {
    let server = Server::start().await;
    let refused = async |api: LarkClient, option| {
        let ticket = api.helpdesk().ticket;
        match ticket.get("7000000000000000000", &option).await {
            Err(LarkError::Api(code)) => *code,
            other => panic!("no refusal: {other:?}"),
        }
    };
    let token = text(desk(), "token");
    let unknown = refused(client(&server, &token), at_desk()).await;
    assert_eq!(unknown.code, 154_004);
    assert!(unknown.error.unwrap().log_id.is_some());
    assert_eq!(refused(client(&server, "ht-wrong"), at_desk()).await.code, 154_001);
    assert_eq!(refused(client(&server, &token), RequestOption::default()).await.code, 154_001);
}

/// Why the bot takes events of tickets as JSON: times are in milliseconds, and the models hold 32 bits. When this fails,
/// the crate has mended it.
#[tokio::test]
async fn events_of_tickets_do_not_fit_their_models() {
    let server = Server::start().await;
    let bot = Bot::new(&server);
    bot.subscribe().await.unwrap();
    let dispatcher = EventDispatcher::new("", "").on_p2_helpdesk_ticket_created_v1(|_| async { Ok(()) });
    tokio::spawn(bot.api.ws_client(dispatcher).start());
    Guest::arrive(&server).await.ask(CJK).await;
    assert_eq!(server.refused().await["event_type"], "helpdesk.ticket.created_v1");
}

/// By the reference a ticket's tags are objects and its remark is one; the models want texts and a list. When this
/// fails, the crate has mended it.
#[tokio::test]
async fn a_ticket_with_tags_or_a_remark_is_not_read() {
    let server = Server::start().await;
    let api = client(&server, &text(desk(), "token"));
    let api = api.helpdesk();
    let as_owner = RequestOption { user_access_token: Some(server.owner_token().await), ..at_desk() };
    let tags = UpdateTicketReqBody { tag_names: Some(vec!["vip".into()]), ..UpdateTicketReqBody::default() };
    let remark = UpdateTicketReqBody { comment: Some("会打来电话".into()), ..UpdateTicketReqBody::default() };
    for (update, fault) in [(tags, "expected a string"), (remark, "expected a sequence")] {
        let ticket_id = text(&Guest::arrive(&server).await.post("/human", json!({})).await, "ticket_id");
        api.ticket.update(&ticket_id, &update, &as_owner).await.unwrap();
        let failed = api.ticket.get(&ticket_id, &at_desk()).await.unwrap_err();
        assert!(matches!(&failed, LarkError::Json(error) if error.to_string().contains(fault)), "{failed}");
    }
}
