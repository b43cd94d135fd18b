//! Customized fields and FAQs' pictures.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::image::tests::PNG;

const FIELDS: &str = r#"
version: 1
tenants:
  - key: demo
    name: Demo Ltd
    users: [{id: u_ada, name: Ada, open_id: ou_ada}]
    helpdesks:
      - id: "6900000000000000001"
        token: ht-demo
        name: IT help
        owner: u_ada
        widget_secret: w-secret
        ticket_fields:
          - {id: "6900000000000003001", key_name: asset, display_name: Asset, required: true}
          - key_name: colours
            display_name: Colours
            field_type: dropdown
            dropdown_allow_multiple: true
            dropdown_options: {children: [{tag: r, display_name: Red}, {tag: b, display_name: Blue}]}
          - key_name: place
            display_name: Place
            field_type: dropdown_nested
            dropdown_options: {children: [{tag: n, display_name: Network, children: [{tag: v, display_name: VPN}]}]}
        user_fields:
          - {key_name: asset, display_name: Level, position: 9, description: VIP or not, visible: false, editable: false}
"#;

#[test]
fn fields_are_applied_once_and_an_export_says_the_same() {
    let bench = Bench::new();
    let report = bench.put(FIELDS);
    assert_eq!(report.counts, [8, 0, 0], "{:?}", report.changes);
    assert_eq!(bench.put(FIELDS), Report::default());
    let exported = bench.export();
    let desk = &exported.tenants[0].helpdesks.as_ref().unwrap()[0];
    let fields = desk.ticket_fields.as_ref().unwrap();
    let places: Vec<_> = fields.iter().map(|f| (f.key_name.as_str(), f.position)).collect();
    assert_eq!(places, [("asset", Some(1)), ("colours", Some(2)), ("place", Some(3))]);
    assert_eq!(fields[1].dropdown_allow_multiple, Some(true));
    assert_eq!(fields[2].dropdown_options.as_ref().unwrap().children[0].children[0].display_name, "VPN");
    assert_eq!(desk.user_fields.as_ref().unwrap()[0].description.as_deref(), Some("VIP or not"));
    let text = serde_saphyr::to_string(&exported).unwrap();
    assert!(bench.put(&text).is_empty());
    let second = Bench::new();
    second.put(&text);
    assert_eq!(second.export(), exported);
}

#[test]
fn what_a_file_says_of_a_field_changes_and_what_it_leaves_out_stays() {
    let bench = Bench::new();
    bench.put(FIELDS);
    let start = FIELDS.find("        ticket_fields:").unwrap();
    let only = |lists: &str| format!("{}{lists}", &FIELDS[..start]);
    let changes = bench.changes(&only(
        "        ticket_fields: [{key_name: colours, display_name: Paint}, {id: 6900000000000003001, key_name: tag, \
         display_name: Asset, position: 0}]\n",
    ));
    let expected = [
        "removed ticket field place of help desk 6900000000000000001 (IT help)",
        "updated ticket field colours of help desk 6900000000000000001 (IT help): display_name",
        "updated ticket field tag of help desk 6900000000000000001 (IT help): key_name, position",
    ];
    assert_eq!(changes, expected);
    assert_eq!(bench.count("SELECT COUNT(*) FROM field WHERE multiple = 1 AND display_name = 'Paint'"), 1);
    assert_eq!(bench.count("SELECT COUNT(*) FROM field WHERE family = 'user'"), 1, "the other list is not there");
    let stop = bench.try_put(
        &only("        ticket_fields: [{key_name: colours, display_name: Paint, field_type: string}]\n"),
        false,
    );
    assert_eq!(stop.unwrap_err().len(), 1, "options from before do not fit a string");
    assert_eq!(bench.count("SELECT COUNT(*) FROM field WHERE field_type = 'dropdown'"), 1);
}

#[test]
fn every_mistake_of_a_field_is_one_line() {
    let bench = Bench::new();
    for (from, to, expected) in [
        ("key_name: colours", "key_name: asset", "ticket_fields[1].key_name: \"asset\" is another field already"),
        ("key_name: colours", "key_name: ' '", "ticket_fields[1].key_name: must not be empty"),
        ("6900000000000003001", "69", "ticket_fields[0].id: \"69\" is not allowed; 19 digits"),
        ("field_type: dropdown\n", "field_type: list\n", "ticket_fields[1].field_type: list is not known"),
        ("tag: b", "tag: r", "ticket_fields[1].dropdown_options.children[1].tag: \"r\" is another option"),
        (
            "field_type: dropdown_nested",
            "field_type: dropdown",
            "ticket_fields[2].dropdown_options.children[0].children",
        ),
        (
            "dropdown_options: {children: [{tag: r",
            "dropdown_options: {kids: [], children: [{tag: r",
            "ticket_fields[1].dropdown_options.kids: unknown key",
        ),
        ("position: 9", "position: -1", "user_fields[0].position: 0 to 999999 is allowed"),
        (
            "required: true",
            "dropdown_allow_multiple: true",
            "ticket_fields[0].dropdown_allow_multiple: only a dropdown",
        ),
    ] {
        let faults = bench.try_put(&FIELDS.replacen(from, to, 1), false).unwrap_err();
        let expected = format!("tenants[0].helpdesks[0].{expected}");
        assert!(faults.iter().any(|fault| fault.starts_with(&expected)), "{expected}: {faults:?}");
    }
    assert_eq!(bench.count("SELECT COUNT(*) FROM tenant"), 0);
}

/// [`FILE`] with a picture in the second FAQ.
fn pictured(image: &str) -> String {
    let rich = "[{type: text, content: See }, {type: hyperlink, text: here, url: \"https://x.test\"}]";
    FILE.replace(rich, &format!("[{{type: img, key: img_lan}}], images: [{image}]"))
}

#[test]
fn pictures_are_read_from_files_or_stand_in_the_desk_file() {
    let bench = Bench::new();
    let data = STANDARD.encode(PNG);
    let with_data = pictured(&format!("{{key: img_lan, data: '{data}'}}"));
    let mut file = parse(&pictured("{key: img_lan, file: lan.png}"), Format::Yaml, &|_| None).unwrap();
    let missing = load_pictures(&mut file, &|_| Err(io::ErrorKind::NotFound.into())).unwrap_err();
    assert_eq!(missing.len(), 1);
    let told = missing[0].to_string();
    assert!(told.starts_with("tenants[0].helpdesks[0].faqs[1].images[0].file: lan.png cannot be read"), "{told}");
    load_pictures(&mut file, &|path| if path == "lan.png" { Ok(PNG.to_vec()) } else { Ok(Vec::new()) }).unwrap();
    assert_eq!(file, parse(&with_data, Format::Yaml, &|_| None).unwrap());
    bench.put(&with_data);
    assert_eq!(bench.put(&with_data), Report::default());
    let exported = bench.export();
    let faq = &exported.tenants[0].helpdesks.as_ref().unwrap()[0].faqs.as_ref().unwrap()[1];
    assert_eq!(faq.images.as_ref().unwrap()[0].data.as_deref(), Some(data.as_str()));
    assert!(bench.put(&serde_saphyr::to_string(&exported).unwrap()).is_empty());
    let other = STANDARD.encode([PNG, b"other"].concat());
    let changes = bench.changes(&pictured(&format!("{{key: img_lan, data: '{other}'}}")));
    assert_eq!(changes, ["updated FAQ 6900000000000001002 (No network?): images"]);
}

#[test]
fn every_mistake_of_a_picture_is_one_line() {
    let bench = Bench::new();
    let data = STANDARD.encode(PNG);
    for (image, expected) in [
        (format!("{{key: lan, data: '{data}'}}"), "[0].key: \"lan\" is not allowed; img_ and"),
        (
            format!("{{key: img_a, data: '{data}'}}, {{key: img_a, data: '{data}'}}"),
            "[1].key: img_a is another picture",
        ),
        ("{key: img_a, data: '%'}".to_owned(), "[0].data: must be base64"),
        ("{key: img_a, data: aGVsbG8=}".to_owned(), "[0].data: only PNG"),
        ("{key: img_a}".to_owned(), "[0]: either file or data"),
        ("{key: img_a, file: a.png}".to_owned(), "[0].file: cannot be read here"),
        (format!("{{key: img_a, file: a.png, data: '{data}'}}"), "[0]: either file or data"),
    ] {
        let faults = bench.try_put(&pictured(&image), false).unwrap_err();
        let expected = format!("tenants[0].helpdesks[0].faqs[1].images{expected}");
        assert!(faults.iter().any(|fault| fault.starts_with(&expected)), "{expected}: {faults:?}");
    }
}
