# pdx, the Panacea data exchange. `make help` explains every target.

GO      ?= go
BIN     := bin
TOOLS   := $(CURDIR)/$(BIN)/tools
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/medibloc/pdx/node.Version=$(VERSION)
RACE    ?= -race
FUZZTIME ?= 10s
# What money hangs on: proofs, slices, boxes, vouchers, complaints.
FUZZ_EXCHANGE := FuzzSpoiledProofs FuzzVerifyDeliver FuzzReadSlice FuzzOpenDataset FuzzOpenSegment \
	chain/x/datapool/keeper:FuzzVoucher FuzzComplain
export CGO_ENABLED ?= 1

.DEFAULT_GOAL := help

## help: explain every target
help:
	@awk -F': ' '/^## / { sub(/^## /, ""); printf "  %-16s %s\n", $$1, substr($$0, length($$1) + 3) }' $(MAKEFILE_LIST)

## build: the two binaries, bin/pdx and bin/pdx-localnet
build:
	$(GO) build -ldflags '$(LDFLAGS)' -o $(BIN)/ ./cmd/pdx ./cmd/pdx-localnet

## demo: build, then sell real data end to end on an embedded chain (under a minute after the build)
demo: build
	$(BIN)/pdx demo

## test: every test, with the race detector, and the exchange's fuzz targets for FUZZTIME each
test: $(TOOLS)/gotestsum
	$(TOOLS)/gotestsum --format pkgname-and-test-fails --jsonfile $(BIN)/test.json -- $(RACE) -p 3 -timeout 40m ./...
	$(GO) test -count 1 -run TestMemory ./criteria # measured without the race detector, which takes memory of its own
	PDX_FUZZ_LOG=$(BIN)/test.json ./tools/fuzz-all $(FUZZTIME) $(FUZZ_EXCHANGE)

## test-quick: every test, without the race detector
test-quick:
	$(MAKE) test RACE=

## flakes: the tests of PKG (./... unless given) N times (100) with the race detector, every second time with all CPUs busy; RUN selects tests, failures are kept in bin/flakes
PKG ?= ./...
N   ?= 100
flakes:
	$(GO) build -o $(TOOLS)/flakes ./tools/flakes
	$(TOOLS)/flakes -n $(N) -run '$(RUN)' -out $(BIN)/flakes $(PKG)

## fuzz: each fuzz target for FUZZTIME (10s unless given)
fuzz:
	./tools/fuzz-all $(FUZZTIME)

## fuzz-long: the exchange's fuzz targets for ten minutes each
fuzz-long:
	./tools/fuzz-all 10m $(FUZZ_EXCHANGE)

## agree: two implementations of the proofs, on 100,000 proofs spoiled in every way
agree:
	PDX_PROOFS=100000 $(GO) test -count 1 -timeout 60m -v -run TestBothVerifiersAgree ./exchange/proof

## sim: the exchange at random, 500 blocks × 20 seeds, invariants after every operation
sim:
	PDX_SIM_BLOCKS=500 PDX_SIM_SEEDS=20 $(GO) test -count 1 -timeout 120m -run TestSimulation ./chain/app

## thousand: 1,000 deals on all their ways at once, and all money to the last umed
thousand:
	PDX_DEALS=1000 $(GO) test -count 1 -timeout 60m -v -run TestThousand ./integration/

## bench: the benchmarks, to read ratios from, never absolute times; tables also go to bin/bench
bench:
	PDX_BENCH_JSON=$(CURDIR)/$(BIN)/bench $(GO) test -run '^$$' -bench . -benchtime 1x -timeout 120m ./integration/bench
	PDX_BENCH_JSON=$(CURDIR)/$(BIN)/bench $(GO) test -run '^$$' -bench . -benchtime 1x -timeout 30m ./integration/bench/burst
	$(GO) test -run '^$$' -bench . -benchtime 1s ./exchange/... ./transfer/... ./criteria/... ./chain/x/...
	PDX_BENCH_JSON=$(CURDIR)/$(BIN)/bench $(GO) run ./integration/bench/transfer -size 64MiB loopback

## bench-transfer: how blobs move, beside streams, bitswap, rsync and TCP, on loopback and over delayed paths (root; an hour)
bench-transfer:
	cd integration/bench/rivals && $(GO) build -o $(CURDIR)/$(BIN)/rivals .
	PDX_BENCH_JSON=$(CURDIR)/$(BIN)/bench $(GO) run ./integration/bench/transfer -rivals $(BIN)/rivals $(BENCHFLAGS) all

## sdk53: compile and test the chain's module on SDK 0.53 (slow; its modules are downloaded)
sdk53:
	$(GO) test -count 1 -timeout 30m -modfile=tools/sdk53/sdk.mod ./chain/x/datapool/...

## bench-history: the blocks of a chain over up to a million stored deals (a quarter of an hour, and 2 GB of disk)
bench-history:
	PDX_BENCH_DEALS=1000000 PDX_BENCH_JSON=$(CURDIR)/$(BIN)/bench $(GO) test -run '^$$' -bench History -benchtime 1x -timeout 180m ./integration/bench

## bench-burst: 150 and 1,000 sales from one seller at blocks of 6 s, by the ceiling of blocks and account (a quarter of an hour; PDX_BIN: other binaries)
bench-burst:
	PDX_BURST=150,1000 PDX_BENCH_JSON=$(CURDIR)/$(BIN)/bench $(GO) test -run '^$$' -bench . -benchtime 1x -timeout 120m ./integration/bench/burst

## soak: kill -9 any process of the demo network, over and over
soak:
	PDX_SOAK=1 $(GO) test -count 1 -timeout 60m -run TestKill ./integration/...

## lint: golangci-lint with the import rules of docs/architecture.md, and gofumpt
lint: $(TOOLS)/golangci-lint $(TOOLS)/gofumpt
	$(TOOLS)/golangci-lint run ./...
	@files=$$(git ls-files '*.go' | grep -vE '\.pb(\.gw)?\.go$$|\.connect\.go$$' | xargs $(TOOLS)/gofumpt -l); \
		if [ -n "$$files" ]; then echo "run 'make fmt' for:"; echo "$$files"; exit 1; fi

## fmt: format all code
fmt: $(TOOLS)/gofumpt
	git ls-files '*.go' | grep -vE '\.pb(\.gw)?\.go$$|\.connect\.go$$' | xargs $(TOOLS)/gofumpt -w

## generate: make Go code from the .proto files
generate:
	$(GO) run ./tools/protogen

## drift: fail when generated code differs from its .proto files
drift: generate
	@git diff --exit-code -- '*.pb.go' '*.pb.gw.go' '*.connect.go' || { echo "generated code is stale: commit what 'make generate' wrote"; exit 1; }

## counts: figures to compare commits by: lines, and how often a mechanism is written (DIR: another tree)
DIR ?= .
counts:
	@$(GO) run ./tools/counts -dir $(DIR)

## clean: remove what was built
clean:
	rm -rf $(BIN)

$(TOOLS)/%: tools/%/go.mod
	cd tools/$* && GOBIN=$(TOOLS) $(GO) install tool
	@touch $@

.PHONY: help build demo test test-quick flakes fuzz fuzz-long agree sim thousand bench bench-transfer bench-history bench-burst sdk53 soak lint fmt generate drift counts clean
