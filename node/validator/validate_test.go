package validator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/validator"
)

func TestGoodDatasetIsAccepted(t *testing.T) {
	w := newWorld(t)
	req := w.offer(1, patients(30_000)) // more than one block of ciphertext
	s := w.start()
	var stages []pdx.Stage
	v, err := s.Validate(t.Context(), req, func(p pdx.Progress) {
		require.LessOrEqual(t, p.Done, max(p.Done, p.Total))
		if len(stages) == 0 || stages[len(stages)-1] != p.Stage {
			stages = append(stages, p.Stage)
		}
	})
	require.NoError(t, err)
	require.True(t, v.Accepted)
	require.Equal(t, []pdx.Stage{pdx.StagePulling, pdx.StageChecking, pdx.StageCertifying}, stages)

	d := w.deal(1)
	require.Equal(t, pdx.DealCertified, d.State)
	require.Len(t, d.Certificates, 1)
	require.Equal(t, v.Report, d.Certificates[0].Report)
	require.True(t, d.Certificates[0].Available)
	require.Greater(t, d.Certificates[0].ExpiryHeight, int64(100))

	t.Run("it is served to the pool's buyer only", func(t *testing.T) {
		for who, may := range map[pdx.Address]bool{buyer: true, seller: false, "panacea1other": false} {
			got, err := s.MayPull(t.Context(), who, d.Dataset.Root)
			require.NoError(t, err)
			require.Equal(t, may, got, who)
		}
	})
	t.Run("asking again answers at once", func(t *testing.T) {
		again, err := s.Validate(t.Context(), req, quiet)
		require.NoError(t, err)
		require.Equal(t, v, again)
		require.Equal(t, 1, w.certs)
		require.Equal(t, 1, w.fetched[d.Dataset.Root])
	})
}

func TestEachLieHasItsReason(t *testing.T) {
	change := func(f func(*pdx.Deal)) func(*world, *validator.Request) {
		return func(w *world, _ *validator.Request) {
			d := w.deal(1)
			f(&d)
			w.set(d)
		}
	}
	for name, lie := range map[string]struct {
		records string
		tell    func(*world, *validator.Request)
		reason  pdx.RejectReason
		pulled  bool
	}{
		"opening of another dataset": {"", func(w *world, r *validator.Request) {
			other := w.offer(2, patients(1))
			r.Opening, r.Proof = other.Opening, other.Proof
		}, pdx.RejectOpening, false},
		"proof cut off": {"", func(_ *world, r *validator.Request) { r.Proof = r.Proof[:63] }, pdx.RejectOpening, false},
		"proof for another validator": {"", func(_ *world, r *validator.Request) {
			r.Proof = slices.Repeat([]byte{1}, 64)
		}, pdx.RejectOpening, false},
		"other key commitment":       {"", change(func(d *pdx.Deal) { d.Dataset.KeyCommit[0] ^= 1 }), pdx.RejectCiphertext, false},
		"other box":                  {"", change(func(d *pdx.Deal) { d.Dataset.Box[0] ^= 1 }), pdx.RejectCiphertext, false},
		"other plaintext commitment": {"", change(func(d *pdx.Deal) { d.Dataset.Commitment[0] ^= 1 }), pdx.RejectCiphertext, true},
		"segment that does not decrypt": {patients(5000), func(w *world, _ *validator.Request) {
			d := w.deal(1)
			raw := slices.Clone(w.remote[seller][d.Dataset.Root])
			raw[70_000] ^= 1
			d.Dataset.Root = rootOf(raw)
			w.remote[seller][d.Dataset.Root] = raw
			w.set(d)
		}, pdx.RejectCiphertext, true},
		"field without consent": {patients(3) + `{"id":"x","birthDate":"1980-01-01","gender":"male"}` + "\n", nil, pdx.RejectFields, true},
		"fields nobody asked for": {"", change(func(d *pdx.Deal) {
			d.Fields = []string{"/id", "/birthDate", "/name"}
		}), pdx.RejectFields, false},
		"required field not disclosed": {"", change(func(d *pdx.Deal) { d.Fields = []string{"/id"} }), pdx.RejectFields, false},
		"records break the criteria":   {patients(3) + `{"id":"x","birthDate":"1980"}` + "\n", nil, pdx.RejectCriteria, true},
		"no JSON":                      {"hello\n", nil, pdx.RejectCriteria, true},
		"nothing":                      {" ", nil, pdx.RejectCriteria, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if lie.records == "" {
				lie.records = patients(3)
			}
			req := w.offer(1, lie.records)
			if lie.tell != nil {
				lie.tell(w, &req)
			}
			v, err := w.start().Validate(t.Context(), req, quiet)
			require.NoError(t, err)
			require.False(t, v.Accepted)
			require.Equal(t, lie.reason, v.Reason, "%v", v.Reason)
			d := w.deal(1)
			require.Equal(t, lie.reason, d.Certificates[0].Reason)
			require.False(t, d.Certificates[0].Available)
			require.Equal(t, lie.pulled, w.fetched[d.Dataset.Root] == 1)
			require.False(t, w.has(d.Dataset.Root), "a rejected ciphertext stays")
			if v.Reason == pdx.RejectFields || v.Reason == pdx.RejectCriteria {
				require.NotEmpty(t, v.Findings)
			}
		})
	}
}

func TestCiphertextIsBlamedBeforeRecords(t *testing.T) {
	w := newWorld(t)
	req := w.offer(1, patients(60_000))
	d := w.deal(1)
	short := strings.Replace(string(wantPatients), `"fields"`, `"bytes": {"max": 10}, "fields"`, 1)
	d.Criteria = rootOf([]byte(short))
	w.remote[buyer][d.Criteria] = []byte(short)
	raw := slices.Clone(w.remote[seller][d.Dataset.Root])
	raw[len(raw)-1] ^= 1 // far behind what the criteria had to read
	d.Dataset.Root = rootOf(raw)
	w.remote[seller][d.Dataset.Root] = raw
	w.set(d)
	v, err := w.start().Validate(t.Context(), req, quiet)
	require.NoError(t, err)
	require.Equal(t, pdx.RejectCiphertext, v.Reason)
}

// TestTheReportHashIsOnesOwn follows the specification: it is made of the plaintext's digest,
// and of the findings only if there are any. Who has the data finds the same.
func TestTheReportHashIsOnesOwn(t *testing.T) {
	w := newWorld(t)
	s := w.start()
	for id, records := range map[pdx.DealID]string{1: patients(3), 2: patients(3) + `{"id":"x"}` + "\n"} {
		req := w.offer(id, records)
		v, err := s.Validate(t.Context(), req, quiet)
		require.NoError(t, err)
		key, err := seal.OpenDataset(req.Opening, w.deal(id).Dataset)
		require.NoError(t, err)
		digest, err := key.Digest(pdx.AES256GCM)
		require.NoError(t, err)
		_, _ = digest.Write([]byte(records))
		want := attest.Report{ChainID: chainID, Deal: id, Validator: me, Digest: [32]byte(digest.Sum(nil))}
		if !v.Accepted {
			want.Findings = found(t, records).Hash()
		}
		require.Equal(t, want.Hash(), v.Report, "deal %d", id)
		require.Equal(t, id == 1, v.Accepted)
	}
	req := w.offer(3, patients(3))
	req.Proof = make([]byte, 64)
	v, err := s.Validate(t.Context(), req, quiet)
	require.NoError(t, err)
	unread := attest.Report{
		ChainID: chainID, Deal: 3, Validator: me,
		Findings: criteria.Report{Criteria: w.deal(3).Criteria, Fields: w.deal(3).Fields, Reason: pdx.RejectOpening}.Hash(),
	}
	require.Equal(t, unread.Hash(), v.Report)
}

// found checks records without a validator.
func found(t *testing.T, records string) criteria.Report {
	t.Helper()
	doc, err := criteria.Parse(wantPatients)
	require.NoError(t, err)
	checker, err := criteria.NewChecker(doc, criteria.Bundle(), criteria.WithFields(patientFields))
	require.NoError(t, err)
	report, err := checker.Check(t.Context(), format.Stream(strings.NewReader(records), int64(len(records))), nil)
	require.NoError(t, err)
	require.False(t, report.OK())
	return report
}

func TestWhoMayAsk(t *testing.T) {
	w := newWorld(t)
	req := w.offer(1, patients(1))
	s := w.start()
	edit := func(f func(*validator.Request, *pdx.Deal)) error {
		r, d := req, w.deal(1)
		f(&r, &d)
		was := w.deal(1)
		w.set(d)
		defer w.set(was)
		_, err := s.Validate(t.Context(), r, quiet)
		require.Equal(t, err, s.Admit(t.Context(), r.Asker, r.Deal))
		return err
	}
	for name, c := range map[string]struct {
		edit func(*validator.Request, *pdx.Deal)
		want error
	}{
		"another account":  {func(r *validator.Request, _ *pdx.Deal) { r.Asker = buyer }, pdx.ErrRefused},
		"not my deal":      {func(_ *validator.Request, d *pdx.Deal) { d.Validators = []pdx.Address{"panacea1other"} }, pdx.ErrRefused},
		"certified by k":   {func(_ *validator.Request, d *pdx.Deal) { d.State = pdx.DealCertified }, pdx.ErrWrongState},
		"too large for me": {func(_ *validator.Request, d *pdx.Deal) { d.Dataset.Size = 1 << 50 }, validator.ErrTooLarge},
		"not seen yet":     {func(r *validator.Request, _ *pdx.Deal) { r.Deal = 99 }, pdx.ErrUnavailable},
	} {
		require.ErrorIs(t, edit(c.edit), c.want, name)
	}
	require.Zero(t, w.certs)
}
