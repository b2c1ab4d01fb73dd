# The commands of the house. `make` alone lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# Flags for `make run` and `make bench`, such as ARGS="--duration 30s".
ARGS ?=

# What `make campaign` runs: a seed names a campaign. COMBINATIONS are those on the simulated clock (1: the one that the seed
# names), DAYS the quiet days; OUTSIDE is the number of cases on real processes, ONLY one of them alone, and FAULTS words of
# the names of their kinds.
SEED ?= 1
COMBINATIONS ?= 200
DAYS ?= 1
OUTSIDE ?= 72
ONLY ?=
FAULTS ?=

# The interpreter of the tests' checkers; an own one can be named instead.
CDB_TEST_PYTHON ?= $(CURDIR)/.venv/bin/python
export CDB_TEST_PYTHON

# What is built, for `cdb --version` and `cdb_build_info`.
CDB_REVISION ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
export CDB_REVISION

SCRIPTS := .ci/run $(wildcard Tests/setup/*.sh Tests/containers/*.sh docker/*.sh)

PROTO := Sources/CMetricsProtobuf
REMOTE_WRITE := Sources/CPrometheusProto

# What goes into an image brings the Swift runtime along. In a folder of its own: with other flags everything is built anew.
# Relocations are packed, which takes 3 MB off the binary: lld does that, and glibc reads it from 2.36 (Debian 12) on.
IMAGE_BUILD := -c release --product cdb --static-swift-stdlib --scratch-path .build-image \
  -Xswiftc -use-ld=lld -Xlinker -z -Xlinker pack-relative-relocs
IMAGE ?= cdb:0.1.0

.PHONY: help run stack image test test-tsan test-containers bench lint drift docs docc proto soak campaign setup setup-tests \
  build-tests build-image

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: setup ## set up, build, and run everything in one process (ARGS="…" for flags of cdb run)
	@swift build -c release --product cdb
	@exec env -u CDB_REVISION -u CDB_TEST_PYTHON "$$(swift build -c release --show-bin-path)/cdb" run $(ARGS)

stack: ## the same as services, with Redis and PostgreSQL on loopback (ARGS="…", see docs/03_stacks/services.md)
	@Tests/setup/swift.sh
	@Tests/setup/packages.sh stack
	@swift build -c release --product cdb
	@CDB_BINARY="$$(swift build -c release --show-bin-path)/cdb" exec env -u CDB_REVISION -u CDB_TEST_PYTHON docker/stack.sh $(ARGS)

image: build-image ## build the image of the services (IMAGE=name:tag; on Debian 12, see docs/03_stacks/containers.md)
	@CDB_BINARY=.build-image/release/cdb docker/image.sh $(IMAGE)

test: build-tests ## set up, build, and run all tests
	@Tests/setup/run-tests.sh

test-tsan: setup-tests ## run the tests of arenas, instruments and registry under the thread sanitizer
	@swift test --sanitize=thread --scratch-path .build-tsan \
	  --filter 'OpenMetricsTests\.(Arena|ChildTable|Instrument|LabelledFamily|NativeHistogramInstrument|OtherInstrument|Registry|Summary)Tests'

test-containers: ## build the image, and run docker/compose.yml in a Docker engine of its own (root, Debian 12)
	@Tests/containers/run.sh

bench: setup ## run the benchmarks (ARGS="--frames=…")
	@swift build -c release --product cdb
	@swift run -c release CDBBenchmarks $(ARGS)
	@swift run -c release OpenMetricsBenchmark
	@swift run -c release OpenMetricsParserBenchmark
	@swift run -c release RedisEdgeBenchmark
	@swift run -c release RemoteWriteBenchmark
	@if command -v go >/dev/null 2>&1 && [ -d /usr/share/gocode/src/github.com/prometheus/client_golang ]; then \
	  GO111MODULE=off GOPATH=/usr/share/gocode go run ./Tests/Benchmarks/go-client; \
	else echo "bench: no Go with client_golang (Debian: golang-go golang-github-prometheus-client-golang-dev)"; fi

lint: ## check layout of the Swift sources, and the shell scripts where shellcheck is there
	@Tests/setup/swift.sh
	@swift format lint --strict -r Sources Tests Package.swift
	@if command -v shellcheck >/dev/null 2>&1; then shellcheck $(SCRIPTS); \
	else echo "lint: shellcheck is not installed; the shell scripts were not checked"; fi

drift: setup ## hold rules, dashboards and pages against the metrics that there are (ARGS="--metrics URL")
	@swift build --product cdb
	@"$$(swift build --show-bin-path)/cdb" lint $(ARGS)
	@if command -v promtool >/dev/null 2>&1; then promtool test rules prometheus/rules/*.tests.yml; \
	else echo "drift: promtool is not installed; the tests of the rules were not run"; fi

docs: setup ## write docs/metrics.md and docs/reason-codes.md from the code's declarations
	@swift build --product cdb
	@"$$(swift build --show-bin-path)/cdb" metrics catalog --format md > .build/metrics.md
	@mv .build/metrics.md docs/metrics.md
	@"$$(swift build --show-bin-path)/cdb" reasons > .build/reason-codes.md
	@mv .build/reason-codes.md docs/reason-codes.md
	@echo "docs: wrote docs/metrics.md and docs/reason-codes.md"

docc: setup ## write the documentation of the OpenMetrics libraries to .build/docc, for a browser
	@for library in Sources/OpenMetrics*; do swift build --target "$${library#Sources/}" || exit; done
	@Tests/setup/docc.sh "$$(swift build --show-bin-path)" .build/docc
	@echo "docc: see it with  python3 -m http.server --bind 127.0.0.1 --directory .build/docc 8042"
	@echo "docc: at           http://127.0.0.1:8042/documentation/openmetrics/"

proto: ## write the C code of the .proto files anew (takes protobuf-c-compiler and libprotobuf-dev)
	@protoc-c -I "$$(pkg-config --variable=includedir libprotobuf-c)" -I $(PROTO) --c_out=$(PROTO) $(PROTO)/metrics.proto
	@mv $(PROTO)/metrics.pb-c.h $(PROTO)/include/
	@protoc-c -I "$$(pkg-config --variable=includedir libprotobuf-c)" -I $(REMOTE_WRITE) --c_out=$(REMOTE_WRITE) \
	  $(REMOTE_WRITE)/remote_write.proto
	@mv $(REMOTE_WRITE)/remote_write.pb-c.h $(REMOTE_WRITE)/include/

# What is long runs optimised, in a folder of its own: a build that takes a while, for a month that takes minutes.
OPTIMISED := -c release -Xswiftc -enable-testing --scratch-path .build-soak

soak: setup-tests ## run the campaigns at full length: kills, faults, ten minutes of a misbehaving exchange, a month
	@CDB_SOAK=1 SWIFT_DETERMINISTIC_HASHING=1 Tests/setup/run-tests.sh $(OPTIMISED) \
	  --filter 'CDBAcceptanceTests|CampaignTests|QuietDaysTests|(RemoteWrite|LogShipping)Tests.KillTests|MutationTests' \
	  --filter '(AdmittedFamily|AnswerTimeline|BatchCoding|IncidentRegister|MarketSimulator|Recovery|RestingOrder)Tests'

campaign: setup-tests ## run the campaigns of faults, simulated and on real processes, and the quiet days (SEED=n; see campaign.md)
	@CAMPAIGN_SEED=$(SEED) CAMPAIGN_COMBINATIONS=$(COMBINATIONS) CAMPAIGN_DAYS=$(DAYS) CAMPAIGN_OUTSIDE=$(OUTSIDE) \
	  CAMPAIGN_ONLY=$(ONLY) CAMPAIGN_FAULTS="$(FAULTS)" SWIFT_DETERMINISTIC_HASHING=1 CDB_SOAK=1 \
	  Tests/setup/run-tests.sh --filter 'CDBCampaignTests|OutsideTests'

setup: ## only the set-up of a build: system packages, and a check for Swift
	@Tests/setup/swift.sh
	@Tests/setup/packages.sh

setup-tests: ## only the set-up of the tests: as setup, and Prometheus and .venv
	@Tests/setup/swift.sh
	@Tests/setup/packages.sh tests
	@Tests/setup/python.sh

build-tests: setup-tests ## set up, and build the tests
	@swift build --build-tests

build-image: setup ## build cdb with the Swift runtime inside, for the image
	@swift build $(IMAGE_BUILD)
