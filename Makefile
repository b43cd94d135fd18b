# `make run` and `make test` do all the set-up themselves on Debian with Rust, Node and Python.
.PHONY: run test bench fmt setup pages lint unit pages-test screenshots conformance fuzz crash-test docs eval calibrate fit

## A demo desk on SQLite with throw-away data; prints the addresses and credentials. With the sentence model if
## scripts/model or `make test` has fetched it.
run: export DESKWIRE_MODEL ?= $(patsubst %/config.json,%,$(wildcard .models/all-MiniLM-L6-v2/config.json))
run:
	scripts/pages --optional
	cargo run --quiet --package deskwire -- dev

## Everything CI runs.
test: setup pages lint unit pages-test conformance fuzz

## Installs what tests need and is missing.
setup:
	scripts/setup

## Builds the pages and the widget from web/ (Node 20.19 or later); cargo puts them into the binary.
pages:
	scripts/pages

lint:
	cargo fmt --all --check
	cargo fmt --manifest-path conformance/rust/Cargo.toml --check
	cargo fmt --manifest-path eval/Cargo.toml --check
	cargo clippy --workspace --all-targets -- -D warnings
	scripts/tool cargo-deny --log-level error check licenses bans sources

unit:
	scripts/with-postgres cargo test --workspace

## Drives the pages and the widget in Chromium.
pages-test: pages
	cargo build --package deskwire
	DESKWIRE_BIN="$${CARGO_TARGET_DIR:-target}/debug/deskwire" scripts/pages-test

## Takes the pictures of the pages for the README and docs/.
screenshots: pages
	cargo build --package deskwire
	DESKWIRE_BIN="$${CARGO_TARGET_DIR:-target}/debug/deskwire" scripts/pages-test screenshots

conformance:
	cargo build --package deskwire
	DESKWIRE_BIN="$${CARGO_TARGET_DIR:-target}/debug/deskwire" scripts/conformance

## Sends 10,000 valid and invalid requests to every operation of the OpenAPI document and checks each answer.
fuzz:
	cargo build --package deskwire
	DESKWIRE_BIN="$${CARGO_TARGET_DIR:-target}/debug/deskwire" scripts/fuzz

## Kills a server under load 50 times, or DESKWIRE_CRASH_ROUNDS times, and checks that all it acknowledged is there.
crash-test:
	DESKWIRE_CRASH_ROUNDS="$${DESKWIRE_CRASH_ROUNDS:-50}" cargo test --package deskwire --test it -- --nocapture \
		--exact crash_rounds::a_server_killed_again_and_again_keeps_what_it_acknowledged

## Measures the answer engine on evaluation sets, leave-one-set-out, against BM25: make eval SETS=FOLDER (docs/retrieval.md).
eval:
	cargo run --release --quiet --manifest-path eval/Cargo.toml -- table "$(SETS)" "$$(scripts/model)"

## Measures on the same sets what a desk's own feedback does for its scores.
calibrate:
	cargo run --release --quiet --manifest-path eval/Cargo.toml -- calibrate "$(SETS)" "$$(scripts/model)"

## Fits the engine's weights on the same sets.
fit:
	mkdir -p target
	cargo run --release --quiet --manifest-path eval/Cargo.toml -- fit "$(SETS)" "$$(scripts/model)" > target/weights.rs
	mv target/weights.rs crates/retrieval/src/weights.rs
	rustfmt --edition 2024 crates/retrieval/src/weights.rs

## Prints figures and ratios against a baseline in the same run.
bench:
	scripts/bench
	cargo run --release --quiet --manifest-path eval/Cargo.toml -- speed 1000 10000 100000 1000000 10000x100

fmt:
	cargo fmt --all
	cargo fmt --manifest-path conformance/rust/Cargo.toml
	cargo fmt --manifest-path eval/Cargo.toml

## Writes the generated documents.
docs:
	cargo run --quiet --package deskwire -- config-reference > docs/configuration.md
	cargo run --quiet --package deskwire -- openapi > docs/openapi.json
