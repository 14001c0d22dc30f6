package validator

import (
	"slices"
	"strconv"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/dedup"
)

// judgement is what a check found of a dataset, with the digest of its plaintext; zero if
// that was not read to its end.
type judgement struct {
	report criteria.Report
	digest [32]byte
	// set and compared are of an accept in a pool that refuses duplicates.
	set      pdx.RecordSet
	compared [32]byte
}

// blame is the report on a dataset that did not get as far as its records. Like
// every report it depends on the deal alone, so that honest validators agree.
func blame(deal pdx.Deal, reason pdx.RejectReason) criteria.Report {
	return criteria.Report{Criteria: deal.Criteria, Fields: deal.Fields, Reason: reason}
}

// unserved is the judgement on a dataset for whose check others did not serve what it takes:
// the ciphertext, the criteria, or a record set, which is not the seller's.
func unserved(deal pdx.Deal, set pdx.RecordSet) judgement {
	if set.IsZero() {
		return judgement{report: blame(deal, pdx.RejectUnavailable)}
	}
	return judgement{report: blame(deal, pdx.RejectSet), set: set}
}

// ruleFields is the rule of an offer whose fields are not what the criteria ask
// for: one is missing, or there is one more.
const ruleFields = "fields"

// blameFields is the report on an offer whose fields already show that no
// dataset of it can be accepted.
func blameFields(deal pdx.Deal) criteria.Report {
	r := blame(deal, pdx.RejectFields)
	r.Findings, r.Total = []pdx.Finding{{Rule: ruleFields}}, 1
	return r
}

// ruleOverlap is the rule of a dataset whose records the pool bought before, followed by how
// many of them.
const ruleOverlap = "overlap/"

// blameDuplicate is the report on a dataset of which so many records were bought before. It
// names none of them: whoever offers records learns how many others have, and not which.
func blameDuplicate(deal pdx.Deal, share dedup.Share) criteria.Report {
	r := blame(deal, pdx.RejectDuplicate)
	r.Records, r.Total = share.All, 1
	r.Findings = []pdx.Finding{{Rule: ruleOverlap + strconv.FormatUint(share.Common, 10)}}
	return r
}

// verdictOf is what a judgement means on chain.
func (s *Service) verdictOf(deal pdx.DealID, j judgement) pdx.Verdict {
	r := j.report
	hashed := attest.Report{ChainID: s.chainID, Deal: deal, Validator: s.account, Digest: j.digest}
	if r.Reason != 0 {
		hashed.Findings = r.Hash()
	}
	return pdx.Verdict{
		Accepted: r.Reason == 0, Reason: r.Reason, Report: hashed.Hash(), Total: r.Total,
		Findings: slices.Clone(r.Findings[:min(len(r.Findings), reportedFindings)]),
	}
}
