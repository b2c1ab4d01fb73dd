import Testing

@testable import ModelContextProtocol

@Suite("Subscriptions")
struct SubscriptionTests {
  private let subscriptionKey = "io.modelcontextprotocol/subscriptionId"

  @Test("a session hears of lists once it is initialized, and of resources that it subscribed to")
  func session() {
    var exchange = Exchange()
    _ = exchange.send(Say.initialize)
    #expect(exchange.note(exchange.state.tell(.list(.tools))).isEmpty)
    _ = exchange.send(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
    #expect(
      exchange.note(exchange.state.tell(.list(.tools)))
        == [["jsonrpc": "2.0", "method": "notifications/tools/list_changed"]])
    #expect(exchange.note(exchange.state.tell(.resource(uri: "demo://1"))).isEmpty)
    #expect(exchange.send(Say.old(1, "resources/subscribe", #""uri":"demo://1""#)).first?["result"] == [:])
    #expect(
      exchange.note(exchange.state.tell(.resource(uri: "demo://1")))
        == [["jsonrpc": "2.0", "method": "notifications/resources/updated", "params": ["uri": "demo://1"]]])
    #expect(exchange.note(exchange.state.tell(.resource(uri: "demo://2"))).isEmpty)
    #expect(exchange.send(Say.old(2, "resources/unsubscribe", #""uri":"demo://1""#)).first?["result"] == [:])
    #expect(exchange.note(exchange.state.tell(.resource(uri: "demo://1"))).isEmpty)
  }

  @Test("a resource that is not there cannot be subscribed to; one that follows a template can")
  func unknown() {
    var exchange = Exchange()
    exchange.begin()
    let refused = exchange.send(Say.old(1, "resources/subscribe", #""uri":"demo://no""#)).first
    #expect(refused?.code == -32002)
    #expect(refused?.at("error.data.uri") == "demo://no")
    #expect(
      exchange.send(Say.old(1, "resources/subscribe", #""uri":"demo://of/monday""#)).first?["result"] == [:])
    #expect(exchange.send(Say.old(1, "resources/subscribe")).first?.code == -32602)
  }

  @Test("a stream says first what it honours, and is not answered until it is closed")
  func acknowledged() {
    var exchange = Exchange()
    let wish =
      #""notifications":{"toolsListChanged":true,"promptsListChanged":false,"#
      + #""resourceSubscriptions":["demo://1","demo://no","demo://1"]}"#
    let said = exchange.send(Say.new(7, "subscriptions/listen", wish))
    #expect(said.count == 1)
    #expect(said.first?["method"] == "notifications/subscriptions/acknowledged")
    #expect(said.first?.at("params._meta")?[subscriptionKey] == 7)
    #expect(
      said.first?.at("params.notifications")
        == ["toolsListChanged": true, "resourceSubscriptions": ["demo://1"]])
    let closed = exchange.note(exchange.state.closeStreams())
    #expect(closed.count == 1)
    #expect(closed.first?["id"] == 7)
    #expect(closed.first?.at("result.resultType") == "complete")
    #expect(closed.first?.at("result._meta")?[subscriptionKey] == 7)
    #expect(exchange.note(exchange.state.closeStreams()).isEmpty)
  }

  @Test("each stream hears of what it asked for, and of nothing else, with its own id")
  func streams() {
    var exchange = Exchange()
    _ = exchange.send(Say.new(1, "subscriptions/listen", #""notifications":{"toolsListChanged":true}"#))
    _ = exchange.send(
      Say.new(
        2, "subscriptions/listen",
        #""notifications":{"resourcesListChanged":true,"resourceSubscriptions":["demo://1"]}"#))
    _ = exchange.send(Say.new(3, "subscriptions/listen", #""notifications":{}"#))
    func heard(_ change: Change) -> [JSONValue?] {
      exchange.note(exchange.state.tell(change)).map { $0.at("params._meta")?[subscriptionKey] }
    }
    #expect(heard(.list(.tools)) == [1])
    #expect(heard(.list(.resources)) == [2])
    #expect(heard(.list(.templates)) == [2])
    #expect(heard(.list(.prompts)).isEmpty)
    #expect(heard(.resource(uri: "demo://1")) == [2])
    #expect(heard(.resource(uri: "demo://2")).isEmpty)
  }

  @Test("a stream that is cancelled says nothing more, not even an answer")
  func cancelled() {
    var exchange = Exchange()
    _ = exchange.send(Say.new(1, "subscriptions/listen", #""notifications":{"toolsListChanged":true}"#))
    #expect(exchange.send(Say.new(1, "server/discover")).first?.code == -32600, "its id is in use")
    #expect(exchange.send(Say.cancel(1)).isEmpty)
    #expect(exchange.note(exchange.state.tell(.list(.tools))).isEmpty)
    #expect(exchange.note(exchange.state.closeStreams()).isEmpty)
    #expect(exchange.send(Say.new(1, "server/discover")).first?["result"] != nil)
  }

  @Test("what is not offered is not honoured")
  func notOffered() {
    var exchange = Exchange(catalog: Catalog())
    let wish =
      #""notifications":{"toolsListChanged":true,"promptsListChanged":true,"#
      + #""resourcesListChanged":true,"resourceSubscriptions":["a:b"]}"#
    #expect(exchange.send(Say.new(1, "subscriptions/listen", wish)).first?.at("params.notifications") == [:])
  }

  @Test(
    "a filter of another form is refused",
    arguments: [
      "", #""notifications":[]"#, #""notifications":{"toolsListChanged":1}"#,
      #""notifications":{"resourceSubscriptions":[1]}"#,
    ])
  func brokenFilter(_ parameters: String) {
    var exchange = Exchange()
    #expect(exchange.send(Say.new(1, "subscriptions/listen", parameters)).first?.code == -32602)
    #expect(exchange.state.streams.isEmpty)
  }

  @Test("addresses and streams have one bound together")
  func bound() {
    var configuration = ServerConfiguration.plain
    configuration.limits.subscriptions = 3
    var exchange = Exchange(configuration)
    exchange.begin()
    #expect(exchange.send(Say.old(1, "resources/subscribe", #""uri":"demo://1""#)).first?["result"] != nil)
    let two = #""notifications":{"resourceSubscriptions":["demo://1"]}"#
    #expect(exchange.send(Say.new(2, "subscriptions/listen", two)).first?["method"] != nil)
    #expect(exchange.send(Say.new(3, "subscriptions/listen", #""notifications":{}"#)).first?.code == 429)
    #expect(exchange.send(Say.old(4, "resources/subscribe", #""uri":"demo://2""#)).first?.code == 429)
    #expect(exchange.send(Say.old(4, "resources/subscribe", #""uri":"demo://1""#)).first?["result"] != nil)
    _ = exchange.send(Say.cancel(2))
    #expect(exchange.send(Say.old(5, "resources/subscribe", #""uri":"demo://2""#)).first?["result"] != nil)
  }
}
