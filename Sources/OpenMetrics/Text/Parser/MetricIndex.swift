/// Finds metrics of a family by the hash of their labels: open addressing, positions in the order of their insertion.
struct MetricIndex {
  /// By position. Hashes are seeded anew in every process, so that no input can be made to collide.
  private var hashes: [Int] = []
  /// One more than a position, or 0 where there is none. As many as a power of two.
  private var slots: [UInt32] = []

  mutating func insert(_ hash: Int) {
    if (hashes.count + 1) * 2 > slots.count { grow() }
    hashes.append(hash)
    place(hashes.count - 1)
  }

  /// The position with this hash that fits.
  func first(_ hash: Int, where fits: (Int) -> Bool) -> Int? {
    guard !slots.isEmpty else { return nil }
    let mask = slots.count - 1
    var slot = hash & mask
    while slots[slot] != 0 {
      let position = Int(slots[slot]) - 1
      if hashes[position] == hash, fits(position) { return position }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private mutating func place(_ position: Int) {
    let mask = slots.count - 1
    var slot = hashes[position] & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = UInt32(truncatingIfNeeded: position + 1)
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: max(8, slots.count * 2))
    for position in hashes.indices { place(position) }
  }
}
