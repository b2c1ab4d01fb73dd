/// The logic of a ``Mailbox``, without locks or tasks: what is stored, who waits, and what to resume.
struct MailboxStateMachine<Element: Sendable, Sender, Receiver> {
  /// Which lanes a receiver takes from.
  enum Lanes {
    case both
    case priorityOnly
  }

  enum SendAction {
    case accepted(resume: (Receiver, Element)?)
    case wait
    case closed
  }

  enum ReceiveAction {
    case element(Element, resume: [Sender])
    case wait
    case finished
  }

  /// Elements in order, with the weight that each takes of the capacity.
  private var ordinary: [(Element, Int)] = []
  private var ordinaryHead = 0
  private var priority: [Element] = []
  private var priorityHead = 0
  private let capacity: Int
  private(set) var weight = 0
  private var senders: [Sender] = []
  private var receiver: (Receiver, Lanes)?
  private(set) var isClosed = false

  init(capacity: Int) { self.capacity = max(1, capacity) }

  /// An element goes in whenever something is free, so that one heavier than the capacity goes in alone.
  mutating func send(_ element: Element, weight: Int) -> SendAction {
    if isClosed { return .closed }
    if let (waiting, lanes) = receiver, lanes == .both {
      receiver = nil
      return .accepted(resume: (waiting, element))
    }
    guard self.weight < capacity else { return .wait }
    ordinary.append((element, weight))
    self.weight += weight
    return .accepted(resume: nil)
  }

  var isFull: Bool { weight >= capacity }

  mutating func enqueue(_ sender: Sender) { senders.append(sender) }

  mutating func sendPriority(_ element: Element) -> SendAction {
    if isClosed { return .closed }
    if let (waiting, _) = receiver {
      receiver = nil
      return .accepted(resume: (waiting, element))
    }
    priority.append(element)
    return .accepted(resume: nil)
  }

  mutating func receive(_ lanes: Lanes) -> ReceiveAction {
    if priorityHead < priority.count {
      let element = priority[priorityHead]
      priorityHead += 1
      if priorityHead == priority.count {
        priority.removeAll(keepingCapacity: true)
        priorityHead = 0
      }
      return .element(element, resume: [])
    }
    if lanes == .both, ordinaryHead < ordinary.count {
      let (element, taken) = ordinary[ordinaryHead]
      ordinaryHead += 1
      if ordinaryHead == ordinary.count {
        ordinary.removeAll(keepingCapacity: true)
        ordinaryHead = 0
      }
      weight -= taken
      guard weight < capacity, !senders.isEmpty else { return .element(element, resume: []) }
      let woken = senders
      senders = []
      return .element(element, resume: woken)
    }
    return isClosed ? .finished : .wait
  }

  mutating func wait(_ waiting: Receiver, _ lanes: Lanes) { receiver = (waiting, lanes) }

  /// Closes: what is stored can still be received, nothing more is accepted.
  mutating func close() -> (senders: [Sender], receiver: Receiver?) {
    isClosed = true
    let woken = (senders, receiver?.0)
    senders = []
    receiver = nil
    return woken
  }
}
