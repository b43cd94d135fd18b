//! FAQs as files: exported, looked at before an import, imported.

mod shape;

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::Method;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use desk::Refusal;
use desk::category;
use desk::directory::Helpdesk;
use desk::faq::sheet::{self, Column, Fault, FaultCode, Options, ROWS_MAX, Sheet};
use desk::faq::{self, Filter, status};
use futures_util::stream;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use wire::{Code, Nothing};

use self::shape::preview_of;
pub use self::shape::{ImportOut, PreviewOut};
use super::calls::{call, get_call};
use super::desks::of_path;
use super::{Asked, Visitor};
use crate::api::error::ApiError;
use crate::api::optional_number;
use crate::app::App;
use crate::faq_file::{self, BYTES_MAX, Place, Separated, WORKBOOK_ROWS_MAX, Workbook};
use crate::guest::{DeskPath, Segment};
use crate::openapi::Calls;

const CSV: &str = "text/csv; charset=utf-8";
/// What a file of FAQs may be.
const FILES: &str = "text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// FAQs of a file that are read in one transaction.
const READ_AT_ONCE: usize = 200;
/// Most bytes of texts in a workbook.
const WORKBOOK_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How a file is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "FaqFileFormat")]
pub enum Format {
    /// CSV: UTF-8 with a byte order mark.
    #[default]
    Csv,
    /// A workbook of Excel.
    Xlsx,
}

/// The language of headings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "FaqFileHeadings")]
pub enum Headings {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

/// Which FAQs a file has, and how it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ExportFaqs {
    /// `csv` if left out.
    format: Option<Format>,
    /// The language of the headings; English if left out.
    headings: Option<Headings>,
    /// Only those with this text in the question, a similar question or the last editor's name.
    search: Option<String>,
    /// Only those of this category: decimal id.
    category_id: Option<String>,
    /// `true`: those in the recycle bin instead.
    deleted: Option<bool>,
}

/// How a template is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskTemplate {
    /// `csv` if left out.
    format: Option<Format>,
    /// The language of the headings; English if left out.
    headings: Option<Headings>,
}

/// How a file is looked at.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskPreview {
    /// `true`: categories that are not there are made.
    create_categories: Option<bool>,
}

/// How a file is imported.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskImport {
    /// `true`: categories that are not there are made.
    create_categories: Option<bool>,
    /// `true`: rows with faults are left out; otherwise one of them refuses the file.
    skip_faulty: Option<bool>,
    /// `seen` of a preview: if the FAQs have changed since, nothing is imported.
    seen: Option<String>,
}

/// The form of an import.
pub fn form() -> Value {
    let what = format!("CSV or XLSX; at most {BYTES_MAX} bytes and {ROWS_MAX} rows.");
    let file = json!({"type": "string", "format": "binary", "description": what});
    json!({"type": "object", "required": ["file"], "properties": {"file": file}})
}

/// Adds the calls.
pub(super) fn with(calls: Calls) -> Calls {
    let room = DefaultBodyLimit::max(BYTES_MAX + 64 * 1024);
    calls
        .with(
            get_call(
                "admin_faq_file.export",
                "/admin/v1/desks/{helpdesk_id}/faq-file",
                "Download FAQs as CSV or as a workbook of Excel, which holds at most 20,000.",
            )
            .of::<DeskPath, ExportFaqs, Nothing, Nothing>()
            .answers(FILES),
            get(export),
        )
        .with(
            get_call(
                "admin_faq_file.template",
                "/admin/v1/desks/{helpdesk_id}/faq-file/template",
                "Download a file with nothing but the headings of an import.",
            )
            .of::<DeskPath, AskTemplate, Nothing, Nothing>()
            .answers(FILES),
            get(template),
        )
        .with(
            call(
                "admin_faq_file.preview",
                Method::POST,
                "/admin/v1/desks/{helpdesk_id}/faq-file/preview",
                "Look at what a file of FAQs would do, row by row. Nothing is written.",
            )
            .takes_form(form)
            .of::<DeskPath, AskPreview, Nothing, PreviewOut>(),
            post(preview).layer(room),
        )
        .with(
            call(
                "admin_faq_file.import",
                Method::POST,
                "/admin/v1/desks/{helpdesk_id}/faq-file/import",
                "Import a file of FAQs: all of it or nothing. Rows are found by id, else by question.",
            )
            .takes_form(form)
            .of::<DeskPath, AskImport, Nothing, ImportOut>(),
            post(import).layer(room),
        )
}

fn attached(content_type: &'static str, name: &str, body: Body) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, content_type.to_owned()), (CONTENT_DISPOSITION, disposition)], body).into_response()
}

fn failed(why: impl std::fmt::Display) -> ApiError {
    ApiError::new(Code::INTERNAL, format!("the file could not be written: {why}"))
}

fn busy() -> ApiError {
    ApiError::new(Code::BUSY, "other files of FAQs are being read; try again in a moment")
}

/// The headings with their widths in characters.
fn headings(of: Option<Headings>) -> [(&'static str, f64); 6] {
    let widths = [22.0, 40.0, 40.0, 60.0, 30.0, 24.0];
    std::array::from_fn(|place| (Column::ALL[place].heading(of == Some(Headings::Zh)), widths[place]))
}

/// A part of the FAQs as rows, and where to go on.
type Part = (Vec<[String; 6]>, Option<i64>);

async fn part(app: &App, desk: &Arc<Helpdesk>, filter: &Filter, after: i64) -> Result<Part, Refusal> {
    let (desk, filter) = (Arc::clone(desk), filter.clone());
    app.read(move |tx, _| {
        let paths = category::paths(&category::list(tx, &desk)?);
        let (faqs, next) = faq::scan(tx, &desk, &filter, after, READ_AT_ONCE)?;
        let path = |faq: &faq::Faq| faq.category_id.and_then(|id| paths.get(&id)).map(String::as_str);
        Ok((faqs.iter().map(|faq| sheet::cells(faq, path(faq))).collect(), next))
    })
    .await
}

/// `GET /admin/v1/desks/:helpdesk_id/faq-file`
pub async fn export(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Asked(ask): Asked<ExportFaqs>,
) -> Result<Response, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let category_id = optional_number("category_id", ask.category_id.as_deref())?;
    let search = ask.search.filter(|text| !text.trim().is_empty());
    let filter = Filter { category_id, status: (ask.deleted == Some(true)).then_some(status::DELETED), search };
    let headings = headings(ask.headings);
    match ask.format.unwrap_or_default() {
        Format::Csv => export_csv(app, desk, filter, headings.map(|(heading, _)| heading)).await,
        Format::Xlsx => export_workbook(&app, &desk, &filter, &headings).await,
    }
}

/// A CSV file, read part by part while it is sent.
async fn export_csv(
    app: App,
    desk: Arc<Helpdesk>,
    filter: Filter,
    headings: [&'static str; 6],
) -> Result<Response, ApiError> {
    let name = format!("faqs-{}.csv", desk.id);
    // The first part before the answer begins, so that what fails at once is told as a failure.
    let mut file = Separated::default();
    file.row(headings.map(str::to_owned)).map_err(failed)?;
    let (rows, next) = part(&app, &desk, &filter, 0).await?;
    for row in rows {
        file.row(row).map_err(failed)?;
    }
    let first = file.piece().map_err(failed)?;
    let rest = stream::try_unfold((app, desk, filter, file, next), |(app, desk, filter, mut file, next)| async move {
        let Some(after) = next else { return Ok::<_, std::io::Error>(None) };
        let (rows, next) = part(&app, &desk, &filter, after).await.map_err(std::io::Error::other)?;
        for row in rows {
            file.row(row).map_err(std::io::Error::other)?;
        }
        let piece = file.piece().map_err(std::io::Error::other)?;
        Ok(Some((piece, (app, desk, filter, file, next))))
    });
    let body = stream::StreamExt::chain(stream::iter([Ok(first)]), rest);
    Ok(attached(CSV, &name, Body::from_stream(body)))
}

async fn export_workbook(
    app: &App,
    desk: &Arc<Helpdesk>,
    filter: &Filter,
    headings: &[(&str, f64)],
) -> Result<Response, ApiError> {
    let place = app.faq_files().take().ok_or_else(busy)?;
    let mut book = Workbook::new(headings).map_err(failed)?;
    let (mut next, mut count, mut bytes) = (Some(0), 0, 0);
    while let Some(after) = next {
        let (rows, further) = part(app, desk, filter, after).await?;
        for row in rows {
            count += 1;
            bytes += row.iter().map(String::len).sum::<usize>();
            if count > WORKBOOK_ROWS_MAX || bytes > WORKBOOK_BYTES_MAX {
                let why = format!(
                    "a workbook holds at most {WORKBOOK_ROWS_MAX} FAQs and {} MiB; narrow the filter, or export as csv",
                    WORKBOOK_BYTES_MAX / 1024 / 1024
                );
                return Err(ApiError::invalid("format", why));
            }
            let id = row[0].clone();
            let told = |why: String| ApiError::invalid("format", format!("FAQ {id} {why}; export as csv"));
            book.row(row).map_err(told)?;
        }
        next = further;
    }
    let written = tokio::task::spawn_blocking(move || (book.file(), place)).await.map_err(failed)?;
    let file = written.0.map_err(failed)?;
    Ok(attached(XLSX, &format!("faqs-{}.xlsx", desk.id), Body::from(file)))
}

/// `GET /admin/v1/desks/:helpdesk_id/faq-file/template`
pub async fn template(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Asked(ask): Asked<AskTemplate>,
) -> Result<Response, ApiError> {
    of_path(&app, &who, &helpdesk_id)?;
    let headings = headings(ask.headings);
    if ask.format == Some(Format::Xlsx) {
        let book = Workbook::new(&headings).map_err(failed)?;
        return Ok(attached(XLSX, "faqs.xlsx", Body::from(book.file().map_err(failed)?)));
    }
    let mut file = Separated::default();
    file.row(headings.map(|(heading, _)| heading.to_owned())).map_err(failed)?;
    Ok(attached(CSV, "faqs.csv", Body::from(file.piece().map_err(failed)?)))
}

/// A file that was taken apart, and the place that it takes until nothing holds it any more.
struct Uploaded {
    sheet: Sheet,
    _place: Place,
}

/// The file of a form, taken apart.
async fn uploaded(app: &App, form: Result<Multipart, MultipartRejection>) -> Result<Arc<Uploaded>, ApiError> {
    let mut form = form.map_err(|e| ApiError::invalid("file", e.body_text()))?;
    let unreadable = |e: axum::extract::multipart::MultipartError| {
        if e.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            return Refusal::from(faq_file::too_large()).into();
        }
        ApiError::invalid("file", e.body_text())
    };
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        if field.name() == Some("file") {
            let bytes = field.bytes().await.map_err(unreadable)?;
            let place = app.faq_files().take().ok_or_else(busy)?;
            let read = tokio::task::spawn_blocking(move || (faq_file::read(&bytes), place));
            let (read, place) = read.await.map_err(|error| {
                tracing::warn!(%error, "a file of FAQs could not be read");
                Refusal::from(Fault::new(None, FaultCode::FileDamaged))
            })?;
            let sheet = read.and_then(Sheet::new).map_err(Refusal::from)?;
            return Ok(Arc::new(Uploaded { sheet, _place: place }));
        }
    }
    Err(ApiError::invalid("file", "the form has no field file"))
}

/// `POST /admin/v1/desks/:helpdesk_id/faq-file/preview`, multipart field `file`.
pub async fn preview(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Asked(ask): Asked<AskPreview>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<PreviewOut>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let file = uploaded(&app, form).await?;
    let options = Options { create_categories: ask.create_categories == Some(true) };
    let of = Arc::clone(&file);
    let plan = app.read(move |tx, _| sheet::plan(tx, &desk, &of.sheet, options)).await?;
    Ok(Json(preview_of(&file.sheet, plan)))
}

/// `POST /admin/v1/desks/:helpdesk_id/faq-file/import`, multipart field `file`.
pub async fn import(
    State(app): State<App>,
    who: Visitor,
    Segment(helpdesk_id): Segment,
    Asked(ask): Asked<AskImport>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<ImportOut>, ApiError> {
    let desk = of_path(&app, &who, &helpdesk_id)?;
    let seen = optional_number("seen", ask.seen.as_deref())?;
    let file = uploaded(&app, form).await?;
    let options = Options { create_categories: ask.create_categories == Some(true) };
    let how = (seen, ask.skip_faulty == Some(true));
    let counts = app
        .write(move |tx, cx| sheet::import(tx, cx, &desk, &who.session.staff.user_id, (&file.sheet, options), how))
        .await?;
    Ok(Json(counts.into()))
}
