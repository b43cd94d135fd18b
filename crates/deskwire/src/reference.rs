//! `deskwire config-reference`: the settings as Markdown, made from their types. `deskwire openapi`: the API document.

use std::fmt::Write;

use server::settings::PartialSettings;

use crate::fail::Failure;
use crate::out;

/// Prints the settings.
pub fn settings() -> Result<(), Failure> {
    Ok(out::line(markdown().trim_end())?)
}

/// Prints the `OpenAPI` document as a server answers it, laid out for people.
pub fn open_api() -> Result<(), Failure> {
    Ok(out::line(&format!("{:#}", server::openapi::document()))?)
}

fn markdown() -> String {
    let schema = schemars::schema_for!(PartialSettings).to_value();
    let mut text = String::from(
        "# Configuration\n\nMade by `deskwire config-reference`; do not edit.\n\n\
         A flag wins over the environment, the environment over the file that `--config FILE` (or `DESKWIRE_CONFIG`)\n\
         names. In `DESKWIRE_APPLY`, several files are separated as in `PATH`. The master key comes from\n\
         `DESKWIRE_MASTER_KEY` (64 hex digits) or `master.key` in the data folder, which is made at the first start.\n\n\
         | key | flag | environment | meaning |\n|---|---|---|---|\n",
    );
    let properties = schema["properties"].as_object();
    for (key, property) in properties.into_iter().flatten() {
        let meaning = property["description"].as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|");
        let (flag, variable) = (key.replace('_', "-"), key.to_uppercase());
        // Writing to a text cannot fail.
        let _ = writeln!(text, "| `{key}` | `--{flag}` | `DESKWIRE_{variable}` | {meaning} |");
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_key_of_the_file_has_a_flag_and_a_meaning() {
        let text = markdown();
        let command = crate::cli::Cli::command();
        let serve = command.find_subcommand("serve").unwrap();
        let flags: Vec<&str> = serve.get_arguments().filter_map(clap::Arg::get_long).collect();
        let schema = schemars::schema_for!(PartialSettings).to_value();
        for (key, property) in schema["properties"].as_object().unwrap() {
            assert!(flags.contains(&key.replace('_', "-").as_str()), "{key} has no flag");
            assert!(property["description"].is_string(), "{key} has no description");
            assert!(text.contains(&format!("| `{key}` |")), "{text}");
        }
    }
}
