# pdx, the Panacea data exchange. `make help` lists the targets.

GO      ?= go
BIN     := bin
TOOLS   := $(CURDIR)/$(BIN)/tools
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/medibloc/pdx/node.Version=$(VERSION)
# Arithmetic and SQLite, which share no memory with others but through locks: the race
# detector need not watch each of their steps, and the tests take half as long.
UNWATCHED := crypto/internal/... filippo.io/... github.com/gtank/... golang.org/x/crypto/... lukechampine.com/... modernc.org/...
UNWATCHED_FLAGS := $(foreach path,$(UNWATCHED),-gcflags=$(path)=-race=false)
RACE    ?= -race $(UNWATCHED_FLAGS)
FUZZTIME ?= 10s
# What money hangs on: proofs, slices, boxes, signed acks, complaints.
FUZZ_EXCHANGE := FuzzSpoiledProofs FuzzVerifyDeliver FuzzReadSlice FuzzOpenDataset FuzzOpenSegment \
	chain/x/datapool/keeper:FuzzVoucher FuzzComplain
# What `make cross` builds pdx for.
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
OWN_FILES := git ls-files '*.go' | grep -vE '\.pb(\.gw)?\.go$$|\.connect\.go$$'
export CGO_ENABLED ?= 1

.DEFAULT_GOAL := help

## help: this list
help:
	@awk -F': ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^## / { sub(/^## /, ""); printf "  %-15s %s\n", $$1, substr($$0, length($$1) + 3) }' $(MAKEFILE_LIST)

##@ Build and try

## build: the two binaries, bin/pdx and bin/pdx-localnet
build:
	$(GO) build -ldflags '$(LDFLAGS)' -o $(BIN)/ ./cmd/pdx ./cmd/pdx-localnet

## demo: build, then sell real data end to end on a chain of this machine (under a minute after the build)
demo: build
	$(BIN)/pdx demo

## cross: bin/cross/pdx-OS-ARCH for each of PLATFORMS, without a C compiler
cross: $(PLATFORMS:%=cross/%)

$(PLATFORMS:%=cross/%): cross/%:
	GOOS=$(*D) GOARCH=$(*F) CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' \
		-o $(BIN)/cross/pdx-$(*D)-$(*F)$(if $(filter windows,$(*D)),.exe) ./cmd/pdx

## package: what a release has (archives, deb, rpm, checksums), in dist, unsigned and of this commit (10 min)
package: $(TOOLS)/goreleaser
	$(TOOLS)/goreleaser release --snapshot --clean --skip=sign,sbom,homebrew

## package-files: completions, which packages have and pdx writes
package-files:
	mkdir -p $(BIN)/package
	for shell in bash zsh fish; do $(GO) run ./cmd/pdx completion $$shell >$(BIN)/package/pdx.$$shell || exit; done

## reproducible: build pdx twice, in two folders and from nothing, and compare the bytes (10 min)
reproducible:
	./tools/build-twice

## clean: remove what was built
clean:
	rm -rf $(BIN) dist

##@ Check a change (all of it, as CI does: .ci/run)

## test: every test with the race detector, and the fuzz targets of the exchange for FUZZTIME each
test: $(TOOLS)/gotestsum
	$(TOOLS)/gotestsum --format pkgname-and-test-fails --jsonfile $(BIN)/test.json -- $(RACE) -vet off -p 3 -timeout 40m ./... # lint vets
	$(GO) test -count 1 -run TestMemory ./criteria # measured without the race detector, which takes memory of its own
	PDX_FUZZ_LOG=$(BIN)/test.json ./tools/fuzz-all $(FUZZTIME) $(FUZZ_EXCHANGE)

## test-quick: every test, without the race detector
test-quick:
	$(MAKE) test RACE=

## lint: golangci-lint, with the import rules of docs/architecture.md, and gofumpt
lint: $(TOOLS)/golangci-lint $(TOOLS)/gofumpt
	$(TOOLS)/golangci-lint run ./...
	@files=$$($(OWN_FILES) | xargs $(TOOLS)/gofumpt -l); \
		if [ -n "$$files" ]; then echo "run 'make fmt' for:"; echo "$$files"; exit 1; fi

## fmt: format all code
fmt: $(TOOLS)/gofumpt
	$(OWN_FILES) | xargs $(TOOLS)/gofumpt -w

## generate: make Go code from the .proto files
generate:
	$(GO) run ./tools/protogen

## drift: fail if generated code differs from its .proto files
drift: generate
	@git diff --exit-code -- '*.pb.go' '*.pb.gw.go' '*.connect.go' || { echo "generated code is stale: commit what 'make generate' wrote"; exit 1; }

##@ Look for rare faults

MUTATIONS ?= 10000
PKG ?= ./...
N   ?= 100
## flakes: the tests of PKG (./...) N (100) times with the race detector, half of them on busy CPUs; RUN selects tests; failures go to bin/flakes
flakes:
	$(GO) build -o $(TOOLS)/flakes ./tools/flakes
	GOFLAGS="$$($(GO) env GOFLAGS) $(UNWATCHED_FLAGS)" $(TOOLS)/flakes -n $(N) -run '$(RUN)' -out $(BIN)/flakes $(PKG)

## fuzz: each fuzz target for FUZZTIME (10s)
fuzz:
	./tools/fuzz-all $(FUZZTIME)

## fuzz-long: the fuzz targets of the exchange for ten minutes each
fuzz-long:
	./tools/fuzz-all 10m $(FUZZ_EXCHANGE)

## jail-fuzz: MUTATIONS (10000) mutated files of each binary format, each read in a child process
jail-fuzz:
	PDX_MUTATIONS=$(MUTATIONS) $(GO) test -count 1 -timeout 60m -v -run TestMutatedFiles ./criteria/jail

## agree: two implementations of the proofs, on 100,000 proofs spoiled in every way
agree:
	PDX_PROOFS=100000 $(GO) test -count 1 -timeout 60m -v -run TestBothVerifiersAgree ./exchange/proof

## formats-agree: a second reader of every format, from npm, over 500 generated files of each
formats-agree:
	cd tools/readers && npm ci --no-audit --no-fund
	$(GO) test -count 1 -v -run TestSecondReader ./criteria

## formats-sold: data of every format sold through real nodes, and read with libraries from npm as the buyer has them
formats-sold:
	cd tools/readers && npm ci --no-audit --no-fund
	PDX_READERS=1 $(GO) test -count 1 -timeout 15m -v -run 'TestFirstSale' ./integration

## sim: the chain module at random, 500 blocks × 20 seeds, invariants after every operation
sim:
	PDX_SIM_BLOCKS=500 PDX_SIM_SEEDS=20 $(GO) test -count 1 -timeout 120m -run TestSimulation ./chain/app

## thousand: 1,000 deals at once, ended in every way, with all money counted to the last umed
thousand:
	PDX_DEALS=1000 $(GO) test -count 1 -timeout 60m -v -run TestThousand ./integration/

## soak: kill -9 any process of the demo network, over and over
soak:
	PDX_KILLS=300 $(GO) test -count 1 -timeout 60m -run TestKill ./integration

## interop: trade with peers in JavaScript, written from docs/spec (Node 20.19 or later, npm; installs their packages)
interop:
	cd integration/interop/js && npm ci --ignore-scripts --no-audit --no-fund && node --test
	$(GO) run ./integration/conformance --vectors "node integration/interop/js/answers.js"
	PDX_INTEROP=1 $(GO) test ./integration/interop -count 1 -v -timeout 20m

SOAK_TIME ?= 30m
SEED      ?= 0
## nat-matrix: a sale of NAT_PATIENTS (60000, about 64 MiB) between each two of five kinds of NAT, as a table (Linux, root, nft)
NAT_PATIENTS ?= 60000
nat-matrix:
	PDX_NAT_MATRIX=1 PDX_NAT_MATRIX_PATIENTS=$(NAT_PATIENTS) $(GO) test ./integration -count 1 -v -timeout 0 -run TestNATMatrix

## roaming: a sale of 64 MiB whose seller moves twice, sleeps for a minute and loses its relay (Linux, root, nft; 5 min)
roaming:
	PDX_ROAM_SCANS=1366 PDX_ROAM_RATE=20mbit PDX_ROAM_SLEEP=60s $(GO) test ./integration -count 1 -v -timeout 0 -run TestRoaming

## relayed: what share of a relay's line a pull of 64 MiB gets (Linux, root, nft; 2 min)
relayed:
	PDX_RELAYED=1 $(GO) test ./integration -count 1 -v -timeout 0 -run TestRelayedRate

## soak-strangers: trade for SOAK_TIME (30m) among hostile peers and faults of all kinds; SEED repeats a run; SOAK_FLAGS: -sellers … (Linux, root)
soak-strangers:
	$(GO) test ./integration/soak -count 1 -v -timeout 0 -run TestSoak -args -soak $(SOAK_TIME) -seed $(SEED) $(SOAK_FLAGS)

SIZES ?= 50,100,200,500,1000
## scale: how peers find each other in networks of SIZES nodes, in virtual time, and late announcements (an hour or more; 4 GiB)
scale:
	$(GO) test ./integration/scale -count 1 -v -timeout 0 -run 'TestSizes|TestTopics|TestOverdue' -args -long -sizes $(SIZES)

## sdk53: compile and test the chain module on SDK 0.53 (slow; downloads its modules)
sdk53:
	$(GO) test -count 1 -timeout 30m -modfile=tools/sdk53/sdk.mod ./chain/x/datapool/...

## conformance: how many of JSON-Schema-Test-Suite's required tests hold, in its four drafts (../shared/data)
conformance:
	$(GO) test -count 1 -v -run 'TestJSONSchemaTestSuite$$' ./criteria | grep -E 'required tests|compiled path|^(FAIL|ok)'

##@ Measure (read ratios, never absolute times; tables go to bin/bench)

## bench: all benchmarks but the longest
bench:
	PDX_BENCH_JSON=$(CURDIR)/$(BIN)/bench $(GO) test -run '^$$' -bench . -benchtime 1x -timeout 120m ./integration/bench
	PDX_BENCH_JSON=$(CURDIR)/$(BIN)/bench $(GO) test -run '^$$' -bench . -benchtime 1x -timeout 30m ./integration/bench/burst
	$(GO) test -run '^$$' -bench . -benchtime 1s ./exchange/... ./transfer/... ./criteria/... ./chain/x/...
	PDX_BENCH_JSON=$(CURDIR)/$(BIN)/bench $(GO) run ./integration/bench/transfer -size 64MiB loopback

## bench-transfer: moving blobs, beside streams, bitswap, rsync and TCP, on loopback and delayed paths (root; an hour)
bench-transfer:
	cd integration/bench/rivals && $(GO) build -o $(CURDIR)/$(BIN)/rivals .
	PDX_BENCH_JSON=$(CURDIR)/$(BIN)/bench $(GO) run ./integration/bench/transfer -rivals $(BIN)/rivals $(BENCHFLAGS) all

## bench-history: the blocks of a chain over up to a million stored deals (15 min, 2 GB of disk)
bench-history:
	PDX_BENCH_DEALS=1000000 PDX_BENCH_JSON=$(CURDIR)/$(BIN)/bench $(GO) test -run '^$$' -bench History -benchtime 1x -timeout 180m ./integration/bench

## bench-growth: what of a node's work grows with its history, at 10, 10,000 and 100,000 deals (5 min)
bench-growth:
	PDX_BENCH_GROWTH=10,10000,100000 PDX_BENCH_JSON=$(CURDIR)/$(BIN)/bench $(GO) test -run '^$$' -bench Growth -benchtime 1x -timeout 60m ./integration/bench

STREAM ?= 1
## bench-schema: FHIR R4's whole schema and tables, beside Ajv 8 from npm and encoding/csv; two cores; a stream of STREAM (1) GiB (3 min; ../shared/data)
bench-schema:
	npm install --silent --no-save --prefix $(BIN)/ajv ajv@8.17.1 ajv-formats@3.0.1
	PDX_BENCH_JSON=$(CURDIR)/$(BIN)/bench $(GO) run ./integration/bench/schema -modules $(BIN)/ajv/node_modules -stream $(STREAM)

## bench-sell: from pdx sell to the ciphertext, and from pull to opened records, beside reading the file (PDX_ONEPASS: 1GiB; PDX_ONEPASS_ROUNDS; PDX_BIN: other binaries)
bench-sell:
	PDX_BENCH_JSON=$(CURDIR)/$(BIN)/bench $(GO) test -run '^$$' -bench . -benchtime 1x -timeout 300m ./integration/bench/onepass

## bench-burst: 150 and 1,000 sales from one seller at blocks of 6 s (15 min; PDX_BIN: other binaries)
bench-burst:
	PDX_BURST=150,1000 PDX_BENCH_JSON=$(CURDIR)/$(BIN)/bench $(GO) test -run '^$$' -bench . -benchtime 1x -timeout 120m ./integration/bench/burst

BASE   ?= origin/main
ROUNDS ?= 10
## compare: transfer and sealing of commit BASE (origin/main) and of HEAD, in ROUNDS (10) interleaved rounds, by benchstat
compare: $(TOOLS)/benchstat
	$(GO) run ./tools/compare -benchstat $(TOOLS)/benchstat -rounds $(ROUNDS) $(COMPAREFLAGS) $(BASE) HEAD

DIR ?= .
## counts: lines of code, and how often a mechanism is written, in DIR (.), to compare commits by
counts:
	@$(GO) run ./tools/counts -dir $(DIR)

$(TOOLS)/%: tools/%/go.mod
	cd tools/$* && GOBIN=$(TOOLS) $(GO) install tool
	@touch $@

.PHONY: conformance help build demo cross package package-files reproducible clean test test-quick lint fmt generate drift flakes fuzz fuzz-long jail-fuzz agree formats-agree formats-sold sim thousand interop nat-matrix roaming relayed soak soak-strangers scale sdk53 \
	bench bench-transfer bench-history bench-growth bench-schema bench-sell bench-burst compare counts $(PLATFORMS:%=cross/%)
