package jail

import (
	"cmp"
	"time"
)

// Limits bound a child. Zeroes take the defaults.
type Limits struct {
	// Memory is the heap that a child may have, in bytes. The system stops it 256 MiB
	// above that: the rest is stacks and what the collector has not collected yet.
	Memory int64
	// CPU is the processor time of a child, Deadline the time for one job.
	CPU, Deadline time.Duration
}

const (
	// baseMemory is for what does not depend on the records: the compiled schemas of FHIR
	// R4 take some 50 MB, and 4,000,000 unique keys 143 MB.
	baseMemory = 384 << 20
	// memoryPerByte is what a check takes of memory for each byte of its largest record;
	// package criteria bounds it.
	memoryPerByte = 40
	// fragileMemory is for the pages of a columnar file: two of the largest allowed, for
	// each of a few columns at a time.
	fragileMemory = 512 << 20
	// overHeap is the distance from the limit of the heap to that of the system.
	overHeap = 256 << 20

	// baseTime and minRate bound the processor time of a job: the most expensive schema that
	// is allowed takes 6 ms and 170 KB/s (criteria's limits).
	baseTime = time.Minute
	minRate  = 64 << 10 // bytes a second
	// slack is how many times as long as its processor time a job may last, for a machine
	// on which others work, too.
	slack = 10

	// maxJobs is how many jobs one child works through, so that its start does not count.
	// They are of at most smallJob bytes each: a larger one has a child of its own.
	maxJobs  = 32
	smallJob = 16 << 20
	// maxIdle children wait for more work, each for idleTime: a child has about 60 MB.
	maxIdle  = 2
	idleTime = 30 * time.Second

	// chunk is how many bytes a child asks for at once at the least, maxRead at the most.
	chunk   = 256 << 10
	maxRead = 1 << 20
	// maxFrame bounds a message to a child: a job names a criteria document of 1 MiB and
	// its fields; a schema has at most 8 MiB.
	maxFrame = 9 << 20
	// maxResult bounds a result: 20 findings, or 1,024 names of fields, or one record to
	// show, which has 1 MiB before it is written as base64.
	maxResult = 4 << 20
	// maxText bounds what a child says is wrong, in bytes.
	maxText = 2 << 10
	// maxStderr is how much of what a dying child says is read, to tell what it died of.
	maxStderr = 4 << 10
	// maxFields and maxFieldBytes bound the fields that a survey lists.
	maxFieldBytes = 1 << 20
)

// forRecords returns the memory of a check whose records have at most n bytes.
func forRecords(n uint64) int64 { return baseMemory + memoryPerByte*int64(n) }

// with fills in what l leaves open for a job of size bytes.
func (l Limits) with(memory, size int64) Limits {
	cpu := baseTime + time.Duration(size/minRate)*time.Second
	if size <= smallJob {
		cpu = maxJobs * (baseTime + smallJob/minRate*time.Second)
	}
	return Limits{
		Memory: cmp.Or(l.Memory, memory), CPU: cmp.Or(l.CPU, cpu),
		Deadline: cmp.Or(l.Deadline, slack*(baseTime+time.Duration(size/minRate)*time.Second)),
	}
}
