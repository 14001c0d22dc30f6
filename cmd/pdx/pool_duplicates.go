package main

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// Values of the flag --duplicates, beside a percentage.
const (
	duplicatesRefuse = "refuse"
	duplicatesAllow  = "allow"
)

// parseDuplicates reads which part of a dataset's records the pool may have bought before:
// none, all, or a percentage with at most four decimals.
func (a *app) parseDuplicates(req *nodepb.CreatePoolRequest, value string) error {
	switch value {
	case duplicatesRefuse:
		return nil
	case duplicatesAllow:
		req.AllowDuplicates = true
		return nil
	}
	number, percent := strings.CutSuffix(value, "%")
	whole, part, _ := strings.Cut(number, ".")
	ppm, err := strconv.ParseUint(whole+(part + "0000")[:max(4, len(part))], 10, 32)
	if !percent || err != nil || len(part) > 4 || ppm > 1_000_000 {
		return a.fail(pdx.ErrInvalid, "pool.bad_duplicates", "value", value)
	}
	req.MaxOverlapPpm = uint32(ppm)
	return nil
}

// matchOverlap takes the overlap that the criteria name, if the flag --duplicates is not
// given, and refuses a flag that says something else.
func (a *app) matchOverlap(cmd *cobra.Command, req *nodepb.CreatePoolRequest) error {
	doc, err := criteria.Parse(req.Criteria)
	if err != nil || doc.MaxOverlapPPM == nil {
		return err
	}
	if !cmd.Flags().Changed("duplicates") {
		req.MaxOverlapPpm = *doc.MaxOverlapPPM
	}
	if req.AllowDuplicates || req.MaxOverlapPpm != *doc.MaxOverlapPPM {
		return a.fail(pdx.ErrInvalid, "criteria.overlap_differs", "percent", percentOf(*doc.MaxOverlapPPM))
	}
	return nil
}

// duplicates says whether a pool takes data that it bought before.
func (p printer) duplicates(pool *nodepb.Pool) string {
	switch {
	case !pool.RefusesDuplicates:
		return p.t("pool.duplicates_allowed")
	case pool.MaxOverlapPpm == 0:
		return p.t("pool.duplicates_refused")
	}
	return p.t("pool.duplicates_bounded", "percent", percentOf(pool.MaxOverlapPpm))
}

// percentOf is a part in a million as a percentage.
func percentOf(ppm uint32) string { return strconv.FormatFloat(float64(ppm)/10_000, 'f', -1, 64) }
