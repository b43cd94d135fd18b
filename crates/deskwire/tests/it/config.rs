//! Mistakes in the configuration: status 2, one line with key, value and what is allowed, nothing written.

use crate::bench::Bench;

#[test]
fn a_wrong_value_is_one_line_whoever_gives_it() {
    let bench = Bench::new();
    bench.write("bad.toml", "rate_limits = 'never'\n");
    let expected = "deskwire: rate_limits: value is \"never\", allowed is standard or off";
    for command in ["serve", "dev"] {
        assert_eq!(bench.run(&[command, "--rate-limits", "never"]).fault(2), expected);
        assert_eq!(bench.run_with(&[command], &[("DESKWIRE_RATE_LIMITS", "never")]).fault(2), expected);
        assert_eq!(bench.run(&[command, "--config", "bad.toml"]).fault(2), expected);
    }
    for (flag, value, start) in [
        ("--listen", "nowhere", "deskwire: listen: value is \"nowhere\", allowed is"),
        ("--database", "mysql://u:secret@h/d", "deskwire: database: value is \"mysql:…\", allowed is"),
        ("--public-url", "desk", "deskwire: public_url: value is \"desk\", allowed is"),
        ("--log", "a=b=c", "deskwire: log: value is \"a=b=c\", allowed is"),
    ] {
        let run = bench.run(&["serve", flag, value]);
        assert!(run.fault(2).starts_with(start), "{}", run.stderr);
        assert!(!run.stderr.contains("secret"));
    }
    let run = bench.run(&["serve", "--allow-private-webhooks=maybe"]);
    assert_eq!(run.fault(2), "deskwire: allow_private_webhooks: value is \"maybe\", allowed is true or false");
    assert_eq!(bench.entries(), ["bad.toml"]);
}

#[test]
fn an_unknown_key_of_the_file_is_named_with_its_place() {
    let bench = Bench::new();
    bench.write("deskwire.toml", "log = 'info'\nlistn = '127.0.0.1:0'\n");
    let run = bench.run(&["serve", "--config", "deskwire.toml"]);
    let line = run.fault(2);
    assert!(line.starts_with("deskwire: deskwire.toml: listn: unknown key; known are listen, database"), "{line}");
    assert!(line.ends_with("(line 2, column 1)"), "{line}");
    let run = bench.run(&["serve", "--config", "none.toml"]);
    assert!(run.fault(2).starts_with("deskwire: config: none.toml cannot be read:"), "{}", run.stderr);
    assert_eq!(bench.entries(), ["deskwire.toml"]);
}

#[test]
fn an_unknown_flag_command_or_missing_argument_is_one_line() {
    let bench = Bench::new();
    for (args, part) in [
        (&["serve", "--lissten", "x"][..], "unexpected argument '--lissten'"),
        (&["sreve"][..], "unrecognized subcommand 'sreve'"),
        (&["apply"][..], "required arguments were not provided: <FILE>"),
        (&["export", "--format", "xml"][..], "invalid value 'xml' for '--format <FORMAT>'"),
        (&[][..], "no command given"),
    ] {
        let run = bench.run(args);
        let line = run.fault(2);
        assert!(line.contains(part) && line.ends_with("see deskwire --help"), "{line}");
    }
    assert!(bench.run(&["--help"]).ok().contains("serve"));
    assert!(bench.run(&["--version"]).ok().starts_with("deskwire "));
    assert!(bench.run(&["config-reference"]).ok().contains("| `data_dir` | `--data-dir` | `DESKWIRE_DATA_DIR` |"));
}
