/// Finds several words at once, whatever their letter case, by the automaton of Aho and Corasick: one step a byte.
struct WordFinder: Sendable {
  /// Which column of the table a byte has; 0 where no word has it.
  private var classes: [UInt8]
  private var width: Int
  /// The next state by state and column.
  private var table: [UInt16]
  /// The number of the longest word that ends in a state, from 1; 0 where none does.
  private var ends: [UInt8]

  /// - Parameter words: ASCII, at most 255.
  init(_ words: [String]) {
    var classes = [UInt8](repeating: 0, count: 256)
    var count = 1
    let spelled = words.map { word in word.lowercased().utf8.map { $0 } }
    for byte in spelled.joined() where classes[Int(byte)] == 0 {
      classes[Int(byte)] = UInt8(count)
      if (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) { classes[Int(byte) - 32] = UInt8(count) }
      count += 1
    }
    width = count
    self.classes = classes
    // The tree of the words; 0 is its root, and where nothing is.
    var table = [UInt16](repeating: 0, count: width)
    ends = [0]
    for (number, word) in spelled.enumerated() {
      var state = 0
      for byte in word {
        let place = state * width + Int(classes[Int(byte)])
        if table[place] == 0 {
          table[place] = UInt16(ends.count)
          ends.append(0)
          table += [UInt16](repeating: 0, count: width)
        }
        state = Int(table[place])
      }
      ends[state] = UInt8(number + 1)
    }
    // Where a state goes on when a byte is none of its own: as its longest end that is a beginning does.
    var fallback = [Int](repeating: 0, count: ends.count)
    var queue = (0..<width).map { Int(table[$0]) }.filter { $0 != 0 }
    var index = 0
    while index < queue.count {
      let state = queue[index]
      index += 1
      if ends[state] == 0 { ends[state] = ends[fallback[state]] }
      for column in 0..<width {
        let next = Int(table[state * width + column])
        if next == 0 {
          table[state * width + column] = table[fallback[state] * width + column]
        } else {
          fallback[next] = Int(table[fallback[state] * width + column])
          queue.append(next)
        }
      }
    }
    self.table = table
  }

  /// Calls `body` with the number of each word, from 0, and where it ends; it says where to go on, behind there.
  @inline(__always)
  func search(_ bytes: UnsafeRawBufferPointer, _ body: (_ word: Int, _ end: Int) -> Int) {
    classes.withUnsafeBufferPointer { classes in
      table.withUnsafeBufferPointer { table in
        ends.withUnsafeBufferPointer { ends in
          var state = 0
          var index = 0
          while index < bytes.count {
            state = Int(table[state &* width &+ Int(classes[Int(bytes[index])])])
            index &+= 1
            guard ends[state] != 0 else { continue }
            let next = body(Int(ends[state]) - 1, index)
            if next > index {
              index = next
              state = 0
            }
          }
        }
      }
    }
  }
}
