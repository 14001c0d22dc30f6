package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// hostile moves the cursor, colours the screen, turns the line around and breaks it.
const hostile = "x\x1b[2J\x1b]0;owned\a\r\n\u202egnp.exe\u2028\u009b1A\xff"

// spoil puts hostile text into every string of a message, two levels deep.
func spoil(m proto.Message, depth int) proto.Message {
	r := m.ProtoReflect()
	fields := r.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case f.Kind() == protoreflect.StringKind && f.IsList():
			r.Mutable(f).List().Append(protoreflect.ValueOfString(hostile))
		case f.Kind() == protoreflect.StringKind:
			r.Set(f, protoreflect.ValueOfString(hostile))
		case f.Kind() == protoreflect.BytesKind && !f.IsList():
			r.Set(f, protoreflect.ValueOfBytes([]byte(hostile)))
		case f.Kind() == protoreflect.MessageKind && depth > 0 && f.IsList():
			list := r.Mutable(f).List()
			spoil(list.AppendMutable().Message().Interface(), depth-1)
		case f.Kind() == protoreflect.MessageKind && depth > 0:
			spoil(r.Mutable(f).Message().Interface(), depth-1)
		}
	}
	return m
}

func TestStrangersTextsAreInertOnTheTerminal(t *testing.T) {
	var out bytes.Buffer
	p := printer{&out, message.For("en")}
	p.pool(spoil(&nodepb.Pool{}, 2).(*nodepb.Pool))
	p.pools(spoil(&nodepb.ListPoolsResponse{}, 2).(*nodepb.ListPoolsResponse))
	deal := spoil(&nodepb.Deal{DeadlineHeight: 7}, 2).(*nodepb.Deal)
	p.deal(deal)
	p.deals(spoil(&nodepb.ListDealsResponse{}, 2).(*nodepb.ListDealsResponse))
	status := spoil(&nodepb.StatusResponse{ChainHeight: 7, KeptLimit: 9}, 2).(*nodepb.StatusResponse)
	p.status(status, spoil(&nodepb.Validator{}, 2).(*nodepb.Validator))
	p.peers([]*nodepb.Peer{spoil(&nodepb.Peer{}, 1).(*nodepb.Peer)})
	p.validator(spoil(&nodepb.Validator{}, 1).(*nodepb.Validator))
	p.data(spoil(&nodepb.Data{Changed: true, Files: 2}, 1).(*nodepb.Data))
	p.preview(spoil(&nodepb.PreviewSaleResponse{}, 2).(*nodepb.PreviewSaleResponse))
	p.transfers([]*nodepb.Transfer{spoil(&nodepb.Transfer{}, 2).(*nodepb.Transfer)})
	sale := spoil(&nodepb.Sale{}, 2).(*nodepb.Sale)
	p.sales(&nodepb.ListSalesResponse{Sales: []*nodepb.Sale{sale}, NextCursor: hostile})
	p.pulls(spoil(&nodepb.ListPullsResponse{}, 2).(*nodepb.ListPullsResponse))
	p.dataList(spoil(&nodepb.ListDataResponse{}, 2).(*nodepb.ListDataResponse))
	p.prunedSales(spoil(&nodepb.PruneSalesResponse{}, 2).(*nodepb.PruneSalesResponse), true)
	p.prunedPulls(spoil(&nodepb.PrunePullsResponse{}, 2).(*nodepb.PrunePullsResponse), false)
	for _, text := range []string{
		p.check(sale.Checks[0]), p.reached(7, hostile, hostile), p.pulled(spoil(&nodepb.Pulled{}, 1).(*nodepb.Pulled)),
		p.ping(spoil(&nodepb.PingResponse{}, 1).(*nodepb.PingResponse)), p.perf(spoil(&nodepb.PerfResponse{}, 1).(*nodepb.PerfResponse)),
	} {
		out.WriteString(text)
	}
	for _, r := range out.String() {
		require.True(t, r == '\n' || unicode.IsPrint(r), "%q in:\n%q", r, out.String())
	}
	require.Contains(t, out.String(), "gnp.exe")
}

func TestAnErrorIsOneCleanLine(t *testing.T) {
	var stderr bytes.Buffer
	a := &app{streams: streams{err: &stderr}, texts: message.For("en")}
	err := a.fail(pdx.ErrNotFound, "file.none", "what", "criteria", "file", hostile)
	require.Equal(t, 4, a.finish(t.Context(), err))
	require.Equal(t, 1, strings.Count(stderr.String(), "\n"), "what the catalogue says has its cure: %q", stderr.String())
	require.NotContains(t, stderr.String(), "\x1b")
}

func TestMnemonicIsNumberedSixToALine(t *testing.T) {
	var out bytes.Buffer
	printer{&out, message.For("en")}.mnemonic(strings.TrimSpace(strings.Repeat("sentence zoo ", 12)))
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	require.Len(t, lines, 4)
	require.Equal(t, " 1. sentence  2. zoo       3. sentence  4. zoo       5. sentence  6. zoo", lines[0])
	require.Equal(t, "19. sentence 20. zoo      21. sentence 22. zoo      23. sentence 24. zoo", lines[3])
	for _, line := range lines {
		require.LessOrEqual(t, len(line), 80)
	}
}

func umed(n string) *nodepb.Amount { return &nodepb.Amount{Amount: n, Denom: "umed"} }

func TestPreviewShowsWhatIsLeftOfThePrice(t *testing.T) {
	var out bytes.Buffer
	preview := &nodepb.PreviewSaleResponse{
		Pool:  &nodepb.Pool{Id: 7, Title: "Vitals", RequiredCertificates: 2},
		Price: umed("10000000"), Commission: umed("200000"), Fees: umed("2900000"), Net: umed("6900000"), Deposit: umed("1000000"),
		Records: 3, Fields: []string{"/id"},
	}
	printer{&out, message.For("en")}.preview(preview)
	for _, line := range []string{
		"price       10 MED\n", "commission  at most 0.2 MED, to 2 validators and for all verdicts\n",
		"fees        about 2.9 MED, to the chain: offer, delivery, withdrawal\n",
		"net         about 6.9 MED for you, once the deal is final\n",
		"deposit     1 MED, returned unless you break the deal or validators reject the data\n",
	} {
		require.Contains(t, out.String(), line)
	}
	out.Reset()
	preview.Net = umed("0")
	printer{&out, message.For("en")}.preview(preview)
	require.Contains(t, out.String(), "net         nothing: fees and commission exceed the price\n")
}

func TestDealShowsTheAgreements(t *testing.T) {
	var out bytes.Buffer
	printer{&out, message.For("en")}.deal(&nodepb.Deal{Id: 2, Agreements: []*nodepb.Agreement{
		{Term: &nodepb.Term{Id: 1, Title: "Research only"}, Agreed: true}, {Term: &nodepb.Term{Id: 2, Title: "Contact"}},
	}})
	require.Contains(t, out.String(), "term        1, agreed: Research only\nterm        2, not agreed: Contact\n")
}

// TestPullsSayWhatWasSpent counts what was acknowledged and did not come back.
func TestPullsSayWhatWasSpent(t *testing.T) {
	var out bytes.Buffer
	price := api.FromAmount(10_000_000)
	pulls := []*nodepb.Pulled{
		{DealId: 1, PoolId: 7, Price: price, State: "final"},
		{DealId: 2, PoolId: 7, Price: price, State: "acked"},
		{DealId: 3, PoolId: 7, Price: price, State: "failed"},
		{DealId: 4, PoolId: 7, Price: price, State: "fraud"},
		{DealId: 5, PoolId: 7, Price: price, State: "pulling", Size: 1},
		{DealId: 6, PoolId: 7, Price: price, State: "undelivered"},
		{DealId: 7, PoolId: 8, State: "final"},
	}
	printer{&out, message.For("en")}.pulls(&nodepb.ListPullsResponse{Pulls: pulls})
	require.Contains(t, out.String(), "Committed by acks and not returned: 30 MED for 3 datasets\n")
	require.Regexp(t, `(?m)^7 +1 +final +10 MED `, out.String())
	require.Regexp(t, `(?m)^8 +7 +final +- `, out.String())
	out.Reset()
	printer{&out, message.For("en")}.pulls(&nodepb.ListPullsResponse{Pulls: pulls[3:5]})
	require.NotContains(t, out.String(), "Committed")
}

// TestAStateSaysWhatItMeans wants the meaning of an ack where a deal is acked.
func TestAStateSaysWhatItMeans(t *testing.T) {
	p := printer{nil, message.For("en")}
	require.Contains(t, p.meaning("acked"), "acked: the buyer stated (the ack) that it holds the whole ciphertext, and its price is committed")
	require.Equal(t, "brand-new", p.meaning("brand-new"), "the state of a newer daemon")
}

// TestFollowNamesTheDealsOwnDeadline wants no fixed dispute period.
func TestFollowNamesTheDealsOwnDeadline(t *testing.T) {
	p := printer{nil, message.For("en")}
	until := time.Now().Add(90 * time.Hour)
	require.Contains(t, p.dispute(until), message.Time(until))
	require.NotContains(t, p.dispute(until), "24 hours")
	require.Contains(t, p.dispute(time.Now().Add(-time.Second)), "is over")
}

// TestAnAckIsExplainedWhereABuyerIsAsked looks at the pool and at the question.
func TestAnAckIsExplainedWhereABuyerIsAsked(t *testing.T) {
	var out bytes.Buffer
	p := printer{&out, message.For("en")}
	for _, mode := range []string{"buyer", "quorum"} {
		out.Reset()
		p.pool(&nodepb.Pool{Id: 7, AckMode: mode, RequiredCertificates: 1})
		require.Contains(t, out.String(), "holds the whole ciphertext", mode)
		require.Contains(t, out.String(), "commits the price", mode)
	}
	require.Contains(t, p.t("pull.ack"), "This ack says that you hold all of it, and commits the price to the seller")
}

// TestATermNeedsNoText reads terms as people write them.
func TestATermNeedsNoText(t *testing.T) {
	a := &app{texts: message.For("en")}
	terms, err := a.parseTerms([]string{"required:Research only:No resale: none", "optional:Contact", "optional:Contact:"})
	require.NoError(t, err)
	require.Equal(t, "No resale: none", terms[0].Description)
	require.Equal(t, "Contact", terms[1].Title)
	require.Empty(t, terms[1].Description)
	require.False(t, terms[2].Required)
	for _, wrong := range []string{"", "required", "required:", "maybe:Contact", ":x:y"} {
		_, err := a.parseTerms([]string{wrong})
		require.ErrorIs(t, err, pdx.ErrInvalid, wrong)
	}
}

// TestDataThatIsGoneIsNotCalledChanged shows a file that was removed, and one that differs.
func TestDataThatIsGoneIsNotCalledChanged(t *testing.T) {
	var out bytes.Buffer
	p := printer{&out, message.For("en")}
	p.data(&nodepb.Data{Path: filepath.Join(t.TempDir(), "x"), Changed: true})
	require.Contains(t, out.String(), "does not exist any more")
	out.Reset()
	p.data(&nodepb.Data{Path: t.TempDir(), Changed: true})
	require.Contains(t, out.String(), "differs from what was added")
}

// Colours are shown where they are wanted, and never hide or fake text.
func TestColours(t *testing.T) {
	shown := func(when string) string {
		var out bytes.Buffer
		d := onDisplay(&out)
		setColours(when, d)
		printer{d, message.For("en")}.facts("account", "a\x1b[2J", unwell, "disk NOT OK: full")
		return out.String()
	}
	require.Equal(t, "account  a\\x1b[2J\n\x1b[31mhealth   disk NOT OK: full\n\x1b[0m", shown(colourAlways))
	require.Equal(t, "account  a\\x1b[2J\nhealth   disk NOT OK: full\n", shown(colourNever))
	require.Equal(t, shown(colourNever), shown(colourAuto), "this is no terminal")
	code, _, errs := runIn(t, t.TempDir(), "version", "--color", "mauve")
	require.Equal(t, exitUsage, code)
	require.Contains(t, errs, "use auto, always or never")
	code, out, _ := runIn(t, t.TempDir(), "pool", "list", "--color", "always", "--json")
	require.NotZero(t, code)
	require.NotContains(t, out, "\x1b")
}
