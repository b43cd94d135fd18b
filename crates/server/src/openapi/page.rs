//! The reference as a page: complete without scripts, which only add search and copying.

use std::fmt::Write;

use serde_json::Value;
use wire::Code;

use super::fields::{self, Field};
use super::operation::{Access, Body, Operation, Success};
use super::words::{conditions, headline};
use super::{Reference, sample};
use crate::api::Token;
use crate::auth::HELPDESK_HEADER;
use crate::pages::escape;

const REQUIRED: &str = " <b>required</b>";
const FRAME: &str = include_str!("../../pages/docs.html");

/// The page; `{{base_url}}` is left to be filled in.
pub fn html(reference: &Reference) -> String {
    let mut index = String::new();
    let mut sections = String::new();
    let mut resource = "";
    for operation in &reference.operations {
        if operation.resource != resource {
            if !resource.is_empty() {
                index.push_str("</ul></li>");
                sections.push_str("</section>");
            }
            resource = operation.resource;
            let (id, name) = (escape(resource), escape(&title(resource)));
            push(&mut index, format_args!("<li><a href=\"#{id}\">{name}</a><ul>"));
            push(&mut sections, format_args!("<section class=\"resource\" id=\"{id}\"><h2>{name}</h2>"));
        }
        let id = escape(operation.id);
        let short = operation.id.split_once('.').map_or(operation.id, |(_, method)| method);
        push(&mut index, format_args!("<li><a href=\"#{id}\">{}</a></li>", escape(short)));
        article(reference, operation, &mut sections);
    }
    if !resource.is_empty() {
        index.push_str("</ul></li>");
        sections.push_str("</section>");
    }
    let count = reference.operations.iter().filter(|operation| matches!(operation.access, Access::Token(_))).count();
    FRAME.replace("{{count}}", &count.to_string()).replace("{{index}}", &index).replace("{{sections}}", &sections)
}

// Writing to a text cannot fail.
fn push(html: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = html.write_fmt(text);
}

fn article(reference: &Reference, operation: &Operation, html: &mut String) {
    let (id, method) = (escape(operation.id), operation.method.as_str());
    push(
        html,
        format_args!(
            "<article id=\"{id}\"><h3><a href=\"#{id}\">{}</a></h3><p class=\"route\"><b class=\"{}\">{method}</b> <code>{}</code></p>",
            escape(headline(operation.summary)),
            method.to_ascii_lowercase(),
            breakable(operation.path),
        ),
    );
    let rest =
        operation.summary.strip_prefix(headline(operation.summary)).unwrap_or_default().trim_start_matches('.').trim();
    if !rest.is_empty() {
        push(html, format_args!("<p>{}</p>", prose(rest)));
    }
    push(html, format_args!("<dl><dt>Name</dt><dd><code>{id}</code></dd>"));
    for (name, text) in conditions(operation) {
        push(html, format_args!("<dt>{name}</dt><dd>{}</dd>", prose(&text)));
    }
    html.push_str("</dl>");
    for (title, in_path) in [("Path", true), ("Query", false)] {
        let list = operation.parameters.iter().filter(|parameter| parameter.in_path == in_path);
        let list: Vec<Field> = list.map(|p| fields::one(reference, &p.name, &p.schema, p.required)).collect();
        table(title, &list, REQUIRED, html);
    }
    if let Some(body) = &operation.body {
        let title = if body.required { "Body" } else { "Body (may be left out)" };
        table(title, &fields::of(reference, &body.schema), REQUIRED, html);
    }
    success(reference, operation, html);
    failures(operation, html);
    push(html, format_args!("<h4>Example</h4><pre><code>{}</code></pre></article>", curl(reference, operation)));
}

fn success(reference: &Reference, operation: &Operation, html: &mut String) {
    let status = operation.success.0;
    let (schema, title) = match &operation.success.1 {
        Success::Enveloped(schema) => (schema, format!("Answer {status}: data")),
        Success::Plain(schema) => (schema, format!("Answer {status}")),
        Success::PlainOr(schema, other) => (schema, format!("Answer {status}, or {}", escape(other))),
        Success::File(content_type) => {
            push(html, format_args!("<h4>Answer {status}</h4><p>{}</p>", escape(content_type)));
            return;
        }
    };
    let list = fields::of(reference, schema);
    if list.is_empty() {
        push(html, format_args!("<h4>{title}</h4><p>An empty object.</p>"));
    }
    table(&title, &list, " <i>always</i>", html);
}

/// `needed` is what is said of a field that must be there.
fn table(title: &str, list: &[Field], needed: &str, html: &mut String) {
    if list.is_empty() {
        return;
    }
    push(
        html,
        format_args!(
            "<h4>{}</h4><table><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>",
            escape(title)
        ),
    );
    for field in list {
        let needed = if field.required { needed } else { "" };
        let limits = if field.limits.is_empty() {
            String::new()
        } else {
            format!("<small>{}</small>", escape(&field.limits.join("; ")))
        };
        push(
            html,
            format_args!(
                "<tr><td><code>{}</code></td><td>{}{needed}</td><td>{}{limits}</td></tr>",
                breakable(&field.path),
                escape(&field.kind),
                prose(&field.description),
            ),
        );
    }
    html.push_str("</tbody></table>");
}

fn failures(operation: &Operation, html: &mut String) {
    if operation.failures.is_empty() {
        return;
    }
    html.push_str("<details><summary>Failures</summary><table><thead><tr><th>Status</th><th>Code</th><th>Meaning</th></tr></thead><tbody>");
    for (status, codes) in &operation.failures {
        for Code { number, .. } in codes {
            let meaning =
                codes.iter().find(|code| code.number == *number).map(|code| code.meaning()).unwrap_or_default();
            push(
                html,
                format_args!("<tr><td>{status}</td><td><code>{number}</code></td><td>{}</td></tr>", prose(meaning)),
            );
        }
    }
    html.push_str("</tbody></table></details>");
}

/// An example request for a shell.
fn curl(reference: &Reference, operation: &Operation) -> String {
    let mut path = operation.path.to_owned();
    let mut query = Vec::new();
    for parameter in &operation.parameters {
        let value = sample::named(reference, &parameter.name, &parameter.schema);
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if parameter.in_path {
            path = path.replace(&format!("{{{}}}", parameter.name), &value);
        } else if parameter.required {
            query.push(format!("{}={value}", parameter.name));
        }
    }
    if !query.is_empty() {
        path = format!("{path}?{}", query.join("&"));
    }
    let default_method = if operation.body.is_some() { "POST" } else { "GET" };
    let method = operation.method.as_str();
    let method = if method == default_method { String::new() } else { format!("-X {method} ") };
    let mut lines = vec![format!("curl {method}\"{{{{base_url}}}}{}\"", escape(&path))];
    let token = match operation.access {
        Access::Open => None,
        Access::Token(Token::Tenant) => Some("TENANT_TOKEN"),
        Access::Token(Token::User) => Some("USER_TOKEN"),
        Access::Guest => Some("SESSION_TOKEN"),
        Access::Staff => Some("ADMIN_TOKEN"),
    };
    lines.extend(token.map(|token| format!("-H \"Authorization: Bearer ${token}\"")));
    if matches!(operation.access, Access::Token(_)) {
        lines.push(format!("-H \"{HELPDESK_HEADER}: $HELPDESK\""));
    }
    lines.extend(operation.body.as_ref().map(|body| data(reference, body)));
    lines.join(" \\\n  ")
}

fn data(reference: &Reference, body: &Body) -> String {
    if body.content_type != "application/json" {
        let names = body.schema["properties"].as_object().into_iter().flatten();
        return names.map(|(name, _)| format!("-F {name}=@FILE")).collect::<Vec<_>>().join(" ");
    }
    let value: Value = sample::of(reference, &body.schema);
    format!("-d '{}'", escape(&value.to_string().replace('\'', "'\\''")))
}

/// `ticket_message` as a title.
fn title(resource: &str) -> String {
    resource.replace('_', " ").replace("faq", "FAQ")
}

/// Text with `code` in backquotes.
fn prose(text: &str) -> String {
    let mut html = String::new();
    for (i, part) in text.split('`').enumerate() {
        let part = escape(part).replace("\n\n", "<br>");
        if i % 2 == 1 {
            push(&mut html, format_args!("<code>{part}</code>"));
        } else {
            html.push_str(&part);
        }
    }
    html
}

/// A path that may be broken between its parts.
fn breakable(path: &str) -> String {
    escape(path).replace('/', "/<wbr>").replace('.', ".<wbr>").replace('_', "_<wbr>")
}
