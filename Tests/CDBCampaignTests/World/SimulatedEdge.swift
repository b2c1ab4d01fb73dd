/// A bounded queue between two stages, with a mailbox's rule: something goes in whenever something is free.
struct SimulatedEdge<Element> {
  private var elements: [(Element, Int)] = []
  private var head = 0
  private(set) var weight = 0
  let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  var isFull: Bool { weight >= capacity }
  var isEmpty: Bool { head == elements.count }

  mutating func push(_ element: Element, weight: Int) {
    elements.append((element, weight))
    self.weight += weight
  }

  mutating func pop() -> Element? {
    guard head < elements.count else { return nil }
    let (element, weight) = elements[head]
    head += 1
    self.weight -= weight
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    }
    return element
  }
}
