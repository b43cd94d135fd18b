// Programs that work at this desk as they stand: the official SDKs with the base URL changed.

export interface Desk {
  url: string;
  appId: string;
  appSecret: string;
  deskId: string;
  deskToken: string;
}

export interface Snippet {
  id: string;
  name: string;
  /** Where it comes from. */
  install: string;
  /** A first call: the FAQs of the help desk. */
  call: (desk: Desk) => string;
  /** A bot that answers every question over a long connection. */
  bot: (desk: Desk) => string;
}

const python: Snippet = {
  id: "python",
  name: "Python",
  install: "pip install lark-oapi",
  call: ({ url, appId, appSecret, deskId, deskToken }) => `import base64

import lark_oapi as lark
from lark_oapi.api.helpdesk.v1 import ListFaqRequest

client = lark.Client.builder().app_id("${appId}").app_secret("${appSecret}").domain("${url}").build()


def at_desk():
    credential = base64.b64encode(b"${deskId}:${deskToken}").decode()
    return lark.RequestOption.builder().headers({"X-Lark-Helpdesk-Authorization": credential}).build()


answer = client.helpdesk.v1.faq.list(ListFaqRequest.builder().page_size(20).build(), at_desk())
print(answer.code, answer.msg, lark.JSON.marshal(answer.data, indent=2))
`,
  bot: ({ url, appId, appSecret, deskId, deskToken }) => `import base64

import lark_oapi as lark
from lark_oapi.api.helpdesk.v1 import (
    AnswerUserQueryTicketRequest,
    AnswerUserQueryTicketRequestBody,
    Event,
    P2HelpdeskTicketMessageCreatedV1,
    SearchFaqRequest,
    SubscribeEventRequest,
    SubscribeEventRequestBody,
    UserQueryFaqInfo,
)

client = lark.Client.builder().app_id("${appId}").app_secret("${appSecret}").domain("${url}").build()


def at_desk():
    credential = base64.b64encode(b"${deskId}:${deskToken}").decode()
    return lark.RequestOption.builder().headers({"X-Lark-Helpdesk-Authorization": credential}).build()


def on_message(data: P2HelpdeskTicketMessageCreatedV1) -> None:
    message = data.event
    if message.sender_type != 2:  # the bot's own answers are events too
        return
    found = client.helpdesk.v1.faq.search(SearchFaqRequest.builder().query(message.text).build(), at_desk())
    faqs = [UserQueryFaqInfo.builder().id(faq.id).score(0.9).build() for faq in (found.data.items or [])[:1]]
    body = AnswerUserQueryTicketRequestBody.builder().event_id(message.event_id).faqs(faqs).build()
    request = AnswerUserQueryTicketRequest.builder().ticket_id(message.ticket.ticket_id).request_body(body).build()
    answer = client.helpdesk.v1.ticket.answer_user_query(request, at_desk())
    print(message.text, answer.code, answer.msg)


created = Event.builder().type("helpdesk.ticket_message").subtype("ticket_message.created_v1").build()
body = SubscribeEventRequestBody.builder().events([created]).build()
client.helpdesk.v1.event.subscribe(SubscribeEventRequest.builder().request_body(body).build(), at_desk())
handler = (
    lark.EventDispatcherHandler.builder("", "").register_p2_helpdesk_ticket_message_created_v1(on_message).build()
)
lark.ws.Client("${appId}", "${appSecret}", event_handler=handler, domain="${url}").start()
`,
};

const node: Snippet = {
  id: "node",
  name: "Node.js",
  install: "npm install @larksuiteoapi/node-sdk",
  call: ({ url, appId, appSecret, deskId, deskToken }) => `import { Client, withHelpDeskCredential } from "@larksuiteoapi/node-sdk";

const client = new Client({
  appId: "${appId}",
  appSecret: "${appSecret}",
  helpDeskId: "${deskId}",
  helpDeskToken: "${deskToken}",
  domain: "${url}",
});

const answer = await client.helpdesk.v1.faq.list({ params: { page_size: 20 } }, withHelpDeskCredential());
console.log(answer.code, answer.msg, JSON.stringify(answer.data, null, 2));
`,
  bot: ({ url, appId, appSecret, deskId, deskToken }) => `import { Client, EventDispatcher, WSClient, withHelpDeskCredential } from "@larksuiteoapi/node-sdk";

const app = { appId: "${appId}", appSecret: "${appSecret}", domain: "${url}" };
const client = new Client({ ...app, helpDeskId: "${deskId}", helpDeskToken: "${deskToken}" });

async function onMessage({ sender_type, text, event_id, ticket }) {
  if (sender_type !== 2) return; // the bot's own answers are events too
  const found = await client.helpdesk.v1.faq.search({ params: { query: text } }, withHelpDeskCredential());
  const faqs = (found.data?.items ?? []).slice(0, 1).map(({ id }) => ({ id, score: 0.9 }));
  const payload = { path: { ticket_id: ticket.ticket_id }, data: { event_id, faqs } };
  const answer = await client.helpdesk.v1.ticket.answerUserQuery(payload, withHelpDeskCredential());
  console.log(text, answer.code, answer.msg);
}

const events = [{ type: "helpdesk.ticket_message", subtype: "ticket_message.created_v1" }];
await client.helpdesk.v1.event.subscribe({ data: { events } }, withHelpDeskCredential());
const eventDispatcher = new EventDispatcher({}).register({ "helpdesk.ticket_message.created_v1": onMessage });
await new WSClient(app).start({ eventDispatcher });
`,
};

const go: Snippet = {
  id: "go",
  name: "Go",
  install: "go get github.com/larksuite/oapi-sdk-go/v3",
  call: ({ url, appId, appSecret, deskId, deskToken }) => `package main

import (
	"context"
	"fmt"

	lark "github.com/larksuite/oapi-sdk-go/v3"
	larkcore "github.com/larksuite/oapi-sdk-go/v3/core"
	larkhelpdesk "github.com/larksuite/oapi-sdk-go/v3/service/helpdesk/v1"
)

func main() {
	client := lark.NewClient("${appId}", "${appSecret}",
		lark.WithOpenBaseUrl("${url}"),
		lark.WithHelpdeskCredential("${deskId}", "${deskToken}"))
	req := larkhelpdesk.NewListFaqReqBuilder().PageSize(20).Build()
	resp, err := client.Helpdesk.V1.Faq.List(context.Background(), req, larkcore.WithNeedHelpDeskAuth())
	if err != nil {
		panic(err)
	}
	fmt.Println(resp.Code, resp.Msg, larkcore.Prettify(resp.Data))
}
`,
  bot: ({ url, appId, appSecret, deskId, deskToken }) => `package main

import (
	"context"
	"fmt"

	lark "github.com/larksuite/oapi-sdk-go/v3"
	larkcore "github.com/larksuite/oapi-sdk-go/v3/core"
	"github.com/larksuite/oapi-sdk-go/v3/event/dispatcher"
	larkhelpdesk "github.com/larksuite/oapi-sdk-go/v3/service/helpdesk/v1"
	larkws "github.com/larksuite/oapi-sdk-go/v3/ws"
)

func main() {
	ctx := context.Background()
	atDesk := larkcore.WithNeedHelpDeskAuth()
	client := lark.NewClient("${appId}", "${appSecret}",
		lark.WithOpenBaseUrl("${url}"),
		lark.WithHelpdeskCredential("${deskId}", "${deskToken}"))

	onMessage := func(ctx context.Context, event *larkhelpdesk.P2TicketMessageCreatedV1) error {
		message := event.Event
		if *message.SenderType != 2 { // the bot's own answers are events too
			return nil
		}
		found, err := client.Helpdesk.V1.Faq.Search(ctx, larkhelpdesk.NewSearchFaqReqBuilder().Query(*message.Text).Build(), atDesk)
		if err != nil {
			return err
		}
		faqs := []*larkhelpdesk.UserQueryFaqInfo{}
		if found.Data != nil && len(found.Data.Items) > 0 {
			faqs = append(faqs, larkhelpdesk.NewUserQueryFaqInfoBuilder().Id(*found.Data.Items[0].Id).Score(0.9).Build())
		}
		body := larkhelpdesk.NewAnswerUserQueryTicketReqBodyBuilder().EventId(*message.EventId).Faqs(faqs).Build()
		req := larkhelpdesk.NewAnswerUserQueryTicketReqBuilder().TicketId(*message.Ticket.TicketId).Body(body).Build()
		resp, err := client.Helpdesk.V1.Ticket.AnswerUserQuery(ctx, req, atDesk)
		if err != nil {
			return err
		}
		fmt.Println(*message.Text, resp.Code, resp.Msg)
		return nil
	}

	created := larkhelpdesk.NewEventBuilder().Type("helpdesk.ticket_message").Subtype("ticket_message.created_v1").Build()
	body := larkhelpdesk.NewSubscribeEventReqBodyBuilder().Events([]*larkhelpdesk.Event{created}).Build()
	if _, err := client.Helpdesk.V1.Event.Subscribe(ctx, larkhelpdesk.NewSubscribeEventReqBuilder().Body(body).Build(), atDesk); err != nil {
		panic(err)
	}
	handler := dispatcher.NewEventDispatcher("", "").OnP2TicketMessageCreatedV1(onMessage)
	connection := larkws.NewClient("${appId}", "${appSecret}",
		larkws.WithDomain("${url}"), larkws.WithEventHandler(handler))
	if err := connection.Start(ctx); err != nil {
		panic(err)
	}
}
`,
};

const java: Snippet = {
  id: "java",
  name: "Java",
  install: "com.larksuite.oapi:oapi-sdk",
  call: ({ url, appId, appSecret, deskId, deskToken }) => `import com.lark.oapi.Client;
import com.lark.oapi.core.request.RequestOptions;
import com.lark.oapi.core.utils.Jsons;
import com.lark.oapi.service.helpdesk.v1.model.*;

public class FirstCall {
    public static void main(String[] args) throws Exception {
        Client client = Client.newBuilder("${appId}", "${appSecret}")
                .openBaseUrl("${url}")
                .helpDeskCredential("${deskId}", "${deskToken}")
                .build();
        RequestOptions atDesk = RequestOptions.newBuilder().needHelpDeskAuth(true).build();
        ListFaqResp resp = client.helpdesk().v1().faq().list(ListFaqReq.newBuilder().pageSize(20).build(), atDesk);
        System.out.println(resp.getCode() + " " + resp.getMsg() + " " + Jsons.DEFAULT.toJson(resp.getData()));
    }
}
`,
  bot: ({ url, appId, appSecret, deskId, deskToken }) => `import com.lark.oapi.Client;
import com.lark.oapi.core.request.RequestOptions;
import com.lark.oapi.event.EventDispatcher;
import com.lark.oapi.service.helpdesk.HelpdeskService;
import com.lark.oapi.service.helpdesk.v1.model.*;

public class Bot {
    static final RequestOptions AT_DESK = RequestOptions.newBuilder().needHelpDeskAuth(true).build();

    public static void main(String[] args) throws Exception {
        Client client = Client.newBuilder("${appId}", "${appSecret}")
                .openBaseUrl("${url}")
                .helpDeskCredential("${deskId}", "${deskToken}")
                .build();
        Event created = Event.newBuilder().type("helpdesk.ticket_message").subtype("ticket_message.created_v1").build();
        client.helpdesk().v1().event().subscribe(SubscribeEventReq.newBuilder()
                .subscribeEventReqBody(SubscribeEventReqBody.newBuilder().events(new Event[]{created}).build())
                .build(), AT_DESK);
        EventDispatcher handler = EventDispatcher.newBuilder("", "")
                .onP2TicketMessageCreatedV1(new HelpdeskService.P2TicketMessageCreatedV1Handler() {
                    @Override
                    public void handle(P2TicketMessageCreatedV1 event) throws Exception {
                        answer(client, event.getEvent());
                    }
                })
                .build();
        new com.lark.oapi.ws.Client.Builder("${appId}", "${appSecret}")
                .domain("${url}")
                .eventHandler(handler)
                .build()
                .start();
        Thread.currentThread().join();
    }

    static void answer(Client client, P2TicketMessageCreatedV1Data message) throws Exception {
        if (message.getSenderType() != 2) return; // the bot's own answers are events too
        Faq[] found = client.helpdesk().v1().faq()
                .search(SearchFaqReq.newBuilder().query(message.getText()).build(), AT_DESK).getData().getItems();
        UserQueryFaqInfo[] faqs = found == null || found.length == 0 ? new UserQueryFaqInfo[0]
                : new UserQueryFaqInfo[]{UserQueryFaqInfo.newBuilder().id(found[0].getId()).score(0.9).build()};
        AnswerUserQueryTicketResp resp = client.helpdesk().v1().ticket().answerUserQuery(
                AnswerUserQueryTicketReq.newBuilder()
                        .ticketId(message.getTicket().getTicketId())
                        .answerUserQueryTicketReqBody(AnswerUserQueryTicketReqBody.newBuilder()
                                .eventId(message.getEventId()).faqs(faqs).build())
                        .build(), AT_DESK);
        System.out.println(message.getText() + " " + resp.getCode() + " " + resp.getMsg());
    }
}
`,
};

const rust: Snippet = {
  id: "rust",
  name: "Rust",
  install: "cargo add larksuite-oapi-sdk-rs --features ws && cargo add tokio --features full",
  call: ({ url, appId, appSecret, deskId, deskToken }) => `use larksuite_oapi_sdk_rs::{LarkClient, RequestOption};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = LarkClient::builder("${appId}", "${appSecret}")
        .base_url("${url}")
        .helpdesk_credential("${deskId}", "${deskToken}")
        .build()?;
    let at_desk = RequestOption { need_helpdesk_auth: true, ..RequestOption::default() };
    let faqs = client.helpdesk().faq.list(Some(20), None, None, None, &at_desk).await?;
    println!("{faqs:?}");
    Ok(())
}
`,
  bot: ({ url, appId, appSecret, deskId, deskToken }) => `use larksuite_oapi_sdk_rs::events::helpdesk::P2HelpdeskTicketMessageCreatedV1;
use larksuite_oapi_sdk_rs::service::helpdesk::v1::{
    AnswerUserQueryReqBody, HelpdeskEvent, SubscribeEventReqBody, UserQueryFaqInfo,
};
use larksuite_oapi_sdk_rs::{EventDispatcher, LarkClient, LarkError, RequestOption};

fn at_desk() -> RequestOption {
    RequestOption { need_helpdesk_auth: true, ..RequestOption::default() }
}

async fn on_message(client: LarkClient, message: P2HelpdeskTicketMessageCreatedV1) -> Result<(), LarkError> {
    if message.sender_type != Some(2) {
        return Ok(()); // the bot's own answers are events too
    }
    let found = client.helpdesk().faq.search(message.text.as_deref(), None, None, None, &at_desk()).await?;
    let best = found.data.and_then(|data| data.items).and_then(|items| items.into_iter().next());
    let faqs = best.into_iter().map(|best| {
        let mut faq = UserQueryFaqInfo::default();
        faq.id = best.id;
        faq.score = Some(0.9);
        faq
    });
    let body = AnswerUserQueryReqBody { event_id: message.event_id, faqs: Some(faqs.collect()) };
    let ticket_id = message.ticket.and_then(|ticket| ticket.ticket_id).unwrap_or_default();
    client.helpdesk().ticket.answer_user_query(&ticket_id, &body, &at_desk()).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = LarkClient::builder("${appId}", "${appSecret}")
        .base_url("${url}")
        .helpdesk_credential("${deskId}", "${deskToken}")
        .build()?;
    let mut created = HelpdeskEvent::default();
    created.type_ = Some("helpdesk.ticket_message".to_owned());
    created.subtype = Some("ticket_message.created_v1".to_owned());
    let body = SubscribeEventReqBody { events: Some(vec![created]) };
    client.helpdesk().event.subscribe(&body, &at_desk()).await?;
    let bot = client.clone();
    let handler = EventDispatcher::new("", "")
        .on_p2_helpdesk_ticket_message_created_v1(move |message| on_message(bot.clone(), message));
    client.ws_client(handler).start().await?;
    Ok(())
}
`,
};

export const SNIPPETS: Snippet[] = [python, node, go, java, rust];
