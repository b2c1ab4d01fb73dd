import CMetricArena
import Foundation
import Synchronization
import Testing

@testable import OpenMetrics

/// Runs `body` on a thread of its own and returns when that has ended, its destructors included.
func onThread(_ body: @escaping @Sendable () -> Void) {
  joinThreads([startThread(body)])
}

final class Job: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
  var thread = pthread_t()
  let job = Unmanaged.passRetained(Job(body)).toOpaque()
  let result = pthread_create(
    &thread, nil,
    { argument in
      if let argument { Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body() }
      return nil
    }, job)
  #expect(result == 0)
  return thread
}

func joinThreads(_ threads: [pthread_t]) {
  for thread in threads { pthread_join(thread, nil) }
}

@Suite("Arenas")
struct ArenaTests {
  @Test("a slot is the sum over all threads, those that have ended included")
  func sums() {
    let slot = metric_slots_allocate(1)
    defer { metric_slots_free(slot, 1) }
    metric_add(slot, 1)
    joinThreads((0..<4).map { _ in startThread { for _ in 0..<1000 { metric_add(slot, 2) } } })
    #expect(metric_sum(slot) == 8001)
  }

  @Test("a freed slot is zero when it is given out again")
  func reuse() {
    for length in [1, 7, 600] as [UInt32] {
      let slot = metric_slots_allocate(length)
      for index in 0..<length {
        metric_cell_add(metric_cell(slot) + Int(index), 5)
      }
      onThread { metric_add(slot, 7) }
      metric_slots_free(slot, length)
      let again = metric_slots_allocate(length)
      #expect(metric_sum(again) == 0)
      for index in 0..<length { #expect(metric_cell(again)[Int(index)] == 0) }
      metric_slots_free(again, length)
    }
  }

  @Test("an arena keeps its sums as it grows, and so do those of other threads")
  func growth() {
    let slots = (0..<50_000).map { _ in metric_slots_allocate(1) }
    onThread {
      for (number, slot) in slots.enumerated() { metric_add(slot, UInt64(number)) }
      // The arena has grown several times by now.
      for slot in slots { metric_add(slot, 1) }
    }
    for slot in slots.reversed() { metric_add(slot, 2) }
    var sums = [UInt64](repeating: 0, count: slots.count)
    metric_sums(slots, &sums, slots.count)
    #expect(sums == slots.indices.map { UInt64($0) + 3 })
    for slot in slots { metric_slots_free(slot, 1) }
  }

  @Test("a run that was given out after a thread's cells were made is that thread's as a whole")
  func laterRuns() {
    for length in [3, 512, 513, 20_000] as [UInt32] {
      onThread {
        let earlier = metric_slots_allocate(1)
        metric_add(earlier, 1)
        let slot = metric_slots_allocate(METRIC_RUN_HEADER + length)
        metric_run_add(slot, length - 1, 4, 2.5)
        metric_run_add(slot, 0, 1, 0.5)
        var counts = [UInt64](repeating: 0, count: Int(length))
        var scratch = counts
        #expect(metric_run_read(slot, length, &counts, &scratch) == 3)
        #expect(counts.first == 1)
        #expect(counts.last == 4)
        metric_slots_free(slot, METRIC_RUN_HEADER + length)
        metric_slots_free(earlier, 1)
      }
    }
  }

  #if os(Linux)
    @Test("cells that were never counted in take no memory")
    func memory() {
      onThread {
        let count: UInt32 = 1 << 18
        let slot = metric_slots_allocate(count)
        metric_add(slot, 1)
        metric_add(slot + count - 1, 1)
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        let start = (UInt(bitPattern: metric_cell(slot)) + page - 1) / page * page
        let length = (UInt(count) * 8 - page) / page * page
        var pages = [UInt8](repeating: 0, count: Int(length / page))
        #expect(mincore(UnsafeMutableRawPointer(bitPattern: start), Int(length), &pages) == 0)
        // The pages of the two ends, at most.
        #expect(pages.count { $0 & 1 != 0 } <= 2)
        metric_slots_free(slot, count)
      }
    }
  #endif

  @Test("without a slot nothing is written and the sum is zero")
  func noSlot() {
    #expect(metric_slots_allocate(0) == METRIC_NO_SLOT)
    metric_add(METRIC_NO_SLOT, 1)
    metric_add_double(METRIC_NO_SLOT, 1)
    metric_run_add(METRIC_NO_SLOT, 0, 1, 1)
    #expect(metric_sum(METRIC_NO_SLOT) == 0)
    #expect(metric_sum_double(METRIC_NO_SLOT) == 0)
  }

  @Test("threads one after the other share an arena")
  func takenOver() {
    let slot = metric_slots_allocate(1)
    defer { metric_slots_free(slot, 1) }
    let before = metric_arena_count()
    for _ in 0..<200 { onThread { metric_add(slot, 1) } }
    #expect(metric_sum(slot) == 200)
    // Other tests run beside this one and begin threads of their own.
    #expect(metric_arena_count() < before + 100)
  }

  @Test("a growing sum of doubles never falls, whichever threads end in between")
  func monotonic() {
    let slot = metric_slots_allocate(1)
    defer { metric_slots_free(slot, 1) }
    var last = 0.0
    for round in 0..<50 {
      let threads = (0..<3).map { thread in
        startThread { for _ in 0..<20 { metric_add_double(slot, 0.1 * Double(thread + 1)) } }
      }
      for thread in threads {
        joinThreads([thread])
        let now = metric_sum_double(slot)
        #expect(now >= last, "round \(round)")
        last = now
      }
    }
    #expect(abs(last - 50 * 20 * 0.6) < 1e-6)
  }

  @Test("a run is read between two updates, however fast its writer is")
  func runs() {
    let length: UInt32 = 3
    let slot = metric_slots_allocate(METRIC_RUN_HEADER + length)
    defer { metric_slots_free(slot, METRIC_RUN_HEADER + length) }
    let isDone = Flag()
    let threads = (0..<2).map { thread in
      startThread { while !isDone.value { metric_run_add(slot, UInt32(thread), 1, 3) } }
    }
    for _ in 0..<300 {
      var counts = [UInt64](repeating: 0, count: 3)
      var scratch = counts
      let sum = metric_run_read(slot, length, &counts, &scratch)
      #expect(sum == Double(counts.reduce(0, +)) * 3)
    }
    isDone.set()
    joinThreads(threads)
  }

  @Test("waiting for sections ends when those that had begun have ended, and is refused within one")
  func sections() {
    let section = metric_section_begin()
    #expect(!metric_sections_wait())
    if let section { metric_section_end(section) }
    #expect(metric_sections_wait())
    let isDone = Flag()
    let thread = startThread {
      while !isDone.value {
        if let section = metric_section_begin() { metric_section_end(section) }
      }
    }
    for _ in 0..<100 { #expect(metric_sections_wait()) }
    isDone.set()
    joinThreads([thread])
  }
}

/// Tells threads to stop.
final class Flag: Sendable {
  private let bit = Atomic<Bool>(false)
  var value: Bool { bit.load(ordering: .relaxed) }
  func set() { bit.store(true, ordering: .relaxed) }
}
