# What one wants to do with this project, by name. `make help` lists it.
#
# BUILD, CMAKE_FLAGS and CARGO_TARGET may be given on the command line.
SHELL := /bin/bash
export PATH := $(HOME)/.cargo/bin:$(PATH)

BUILD ?= build
BUILD41 ?= $(BUILD)-4.1
CARGO_TARGET ?= $(CURDIR)/target
CMAKE_FLAGS ?=
# OFF: without liboxlws-rustls.so, its tests and its package.
RUSTLS ?= ON
JOBS ?= $(shell nproc)
PYTHON = .venv/bin/python
CMAKE_CONFIGURE = cmake -S . -DOXLWS_CARGO_TARGET_DIR=$(CARGO_TARGET) $(CMAKE_FLAGS)

# The genuine library, where it is installed, for comparisons.
ORACLE_INCLUDE ?= /usr/include
ORACLE_LIB ?= $(dir $(firstword $(wildcard /usr/lib/*/libwebsockets.so)))

.PHONY: all help setup build build-4.1 demo apps apps-trixie apps-memcheck deb deb-test test ctest cargo-test lint install abi vectors traces server-traces \
	conformance bench bench-cores instructions fuzz soak memcheck asan tsan miri linkers rustls clean

all: build

help: ## this list
	@sed -n 's/^\([a-z0-9.-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

setup: ## install what is missing on this machine (Debian)
	@tests/scripts/setup.sh

build: setup ## the library, liboxlws-rustls.so, the C examples and the C tests, in build/
	@mkdir -p $(BUILD)
	@$(CMAKE_CONFIGURE) -B $(BUILD) -DCMAKE_BUILD_TYPE=Release -DOXLWS_RUSTLS=$(RUSTLS) >$(BUILD)/configure.log 2>&1 || { cat $(BUILD)/configure.log; exit 1; }
	@cmake --build $(BUILD) -j $(JOBS)

build-4.1: build ## the product of soname 17 with its C tests, in build-4.1/
	@mkdir -p $(BUILD41)
	@$(CMAKE_CONFIGURE) -B $(BUILD41) -DCMAKE_BUILD_TYPE=Release -DLWS_ABI=4.1 -DOXLWS_BOTH_SONAMES=OFF \
		>$(BUILD41)/configure.log 2>&1 || { cat $(BUILD41)/configure.log; exit 1; }
	@cmake --build $(BUILD41) -j $(JOBS)

demo: ## a C server and a C client talk wss through the library
	@tests/scripts/setup.sh --lean
	@mkdir -p $(BUILD)
	@$(CMAKE_CONFIGURE) -B $(BUILD) -DCMAKE_BUILD_TYPE=Release >$(BUILD)/configure.log 2>&1 || { cat $(BUILD)/configure.log; exit 1; }
	@cmake --build $(BUILD) -j $(JOBS) --target example-echo-server example-echo-client
	@tests/scripts/demo.sh $(BUILD)

test: build-4.1 ## everything that must pass: cargo tests, then ctest of both products with all runners
	@tests/scripts/test.sh $(BUILD) $(BUILD41) $(CARGO_TARGET)

cargo-test: setup ## only the Rust tests
	cargo test --locked --target-dir $(CARGO_TARGET)

apps: build ## Debian programs run on the library (installed when missing); ARGS='-R janus' chooses
	ctest --test-dir $(BUILD) -L '^app$$' --output-on-failure --no-tests=error $(ARGS)

apps-trixie: build ## Debian 13 programs, in a root made with debootstrap; PROGRAMS='mosquitto csound' chooses
	@tests/apps/trixie.sh $(BUILD) $(BUILD)/trixie $(PYTHON) $(PROGRAMS)

apps-memcheck: build ## the Debian 12 programs under valgrind; PROGRAMS=janus chooses
	@tests/apps/memcheck.sh $(BUILD) $(PYTHON) $(PROGRAMS)

ctest: build ## only the C side; ARGS='-L tls' chooses
	ctest --test-dir $(BUILD) -j $(JOBS) --output-on-failure --no-tests=error $(ARGS)

lint: setup ## formatting and lints of Rust
	cargo fmt --check
	cargo clippy --locked --all-targets --target-dir $(CARGO_TARGET) -- -D warnings

linkers: setup ## the variadic functions: library linked by bfd and by lld, for x86-64 and for aarch64 (run under qemu)
	@tests/scripts/setup.sh --cross
	@tests/scripts/linkers.sh $(CARGO_TARGET)

rustls: build ## only the tests of liboxlws-rustls.so (configurations of rustls-ffi), and its lints
	cargo clippy --locked -p oxlws-rustls --release --target-dir $(CARGO_TARGET) -- -D warnings
	ctest --test-dir $(BUILD) -L '^rustls$$' --output-on-failure --no-tests=error

install: build ## install to PREFIX (/usr/local)
	cmake --install $(BUILD) --prefix $(or $(PREFIX),/usr/local)

deb: build-4.1 ## Debian packages of both products, in build/deb
	@packaging/deb.sh $(BUILD) $(BUILD41) $(BUILD)/deb

deb-test: build-4.1 ## make the packages, install, use and remove them in a root made with debootstrap
	@tests/deb/packages.sh $(BUILD) $(BUILD41) $(BUILD)/debootstrap

abi: build ## symbols, layouts, macros against the tables
	ctest --test-dir $(BUILD) -L abi --output-on-failure --no-tests=error

vectors: build ## results of the pure functions against recorded ones
	ctest --test-dir $(BUILD) -R '^vectors$$' --output-on-failure --no-tests=error

traces: build ## recorded client callback traces
	$(PYTHON) tests/traces/run.py --include include --lib $(BUILD)/lib --no-openssl --strict \
		--expected-differences tests/expected/traces-client.txt $(ARGS)

server-traces: build ## recorded server traces; ARGS='--diff --only NAME'
	$(PYTHON) tests/traces-server/run.py --include include --lib $(BUILD)/lib --strict \
		--expected-differences tests/expected/traces-server.txt $(ARGS)

conformance: build ## the Autobahn cases, client and server (CASES='1.*,2.*' or all)
	@tests/scripts/conformance.sh $(BUILD)

bench: build ## all loads beside the genuine library (installed when missing), written to docs/performance.md: ROUNDS (5), SECS (1.5)
	@tests/scripts/bench.sh $(BUILD) $(ORACLE_INCLUDE) $(CURDIR)/docs

bench-cores: setup ## time of the sans-I/O cores (criterion)
	cd benches/cores && cargo bench --locked --target-dir $(CARGO_TARGET)/benches

instructions: build ## instructions of fixed loads, by callgrind, beside what was recorded
	@tests/scripts/instructions.sh $(BUILD) $(if $(RECORD),record)

fuzz: setup ## each fuzz target for SECONDS (60)
	@tests/scripts/fuzz.sh $(or $(SECONDS_EACH),60)

soak: build ## RECONNECTS (100000) and MESSAGES (10000000) over ws and wss, memory must stay flat
	@tests/scripts/soak.sh $(BUILD) $(or $(RECONNECTS),100000) $(or $(MESSAGES),10000000)

memcheck: build ## the C tests under valgrind
	@tests/scripts/memcheck.sh $(BUILD)

asan: setup ## the C tests with AddressSanitizer in Rust and C
	@tests/scripts/asan.sh build-asan

tsan: setup ## what several threads do, with ThreadSanitizer in Rust, its standard library and C
	@tests/scripts/tsan.sh build-tsan

miri: ## tests of the cores and the tables under Miri; ARGS='proto::ws' chooses
	@tests/scripts/miri.sh $(ARGS)

clean: ## remove what was built, not .venv
	rm -rf $(BUILD) $(BUILD41) build-asan build-tsan target
