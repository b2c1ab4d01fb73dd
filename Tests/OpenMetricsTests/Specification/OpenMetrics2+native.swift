import OpenMetrics

/// Native histograms that OpenMetrics 2.0 refuses.
enum OpenMetrics2Native {
  static let refused = SpecCase.table(
    ExpositionParser(format: .openMetrics2),
    [
      SpecCase(
        section: "Native Buckets", "a schema beyond 8",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:9,zero_threshold:1e-4,zero_count:0,positive_spans:[0:1],positive_buckets:[1]}\n# EOF\n",
        reason: .rule(.nativeSchemaUnknown), line: 2),
      SpecCase(
        section: "Native Buckets", "a schema below -4",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:-5,zero_threshold:1e-4,zero_count:0,positive_spans:[0:1],positive_buckets:[1]}\n# EOF\n",
        reason: .rule(.nativeSchemaUnknown), line: 2),
      SpecCase(
        section: "Native Buckets", "custom buckets",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:-53,zero_threshold:1e-4,zero_count:0,positive_spans:[0:1],positive_buckets:[1]}\n# EOF\n",
        reason: .rule(.nativeSchemaUnknown), line: 2),
      SpecCase(
        section: "ABNF nh-schema", "a schema that is no integer",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:1.0,zero_threshold:1e-4,zero_count:0,positive_spans:[0:1],positive_buckets:[1]}\n# EOF\n",
        reason: .invalidNumber, line: 2),
      SpecCase(
        section: "ABNF nh-schema", "a schema beyond 32 bits",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:99999999999,zero_threshold:1e-4,zero_count:0,positive_spans:[0:1],positive_buckets:[1]}\n# EOF\n",
        reason: .numberOutOfRange, line: 2),
      SpecCase(
        section: "Native Buckets", "a negative zero threshold",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:0,zero_threshold:-1,zero_count:0,positive_spans:[0:1],positive_buckets:[1]}\n# EOF\n",
        reason: .rule(.nativeZeroThresholdInvalid), line: 2),
      SpecCase(
        section: "ABNF nh-zero-threshold", "an infinite zero threshold",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:0,zero_threshold:+Inf,zero_count:0,positive_spans:[0:1],positive_buckets:[1]}\n# EOF\n",
        reason: .invalidNumber, line: 2),
      SpecCase(
        section: "Native Buckets", "a negative zero count",
        text: "# TYPE a histogram\na {count:1,sum:1,schema:0,zero_threshold:1e-4,zero_count:-1}\n# EOF\n",
        reason: .rule(.countNegative), line: 2),
      SpecCase(
        section: "ABNF native-buckets", "no zero threshold",
        text: "# TYPE a histogram\na {count:1,sum:1,schema:0,zero_count:1}\n# EOF\n",
        reason: .invalidComposite, line: 2),
      SpecCase(
        section: "ABNF native-buckets", "no zero count",
        text: "# TYPE a histogram\na {count:1,sum:1,schema:0,zero_threshold:1}\n# EOF\n",
        reason: .invalidComposite, line: 2),
      SpecCase(
        section: "ABNF native-buckets", "spans without buckets",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[0:1]}\n# EOF\n",
        reason: .invalidComposite, line: 2),
      SpecCase(
        section: "ABNF native-buckets", "buckets without spans",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:0,zero_threshold:1e-4,zero_count:0,positive_buckets:[1]}\n# EOF\n",
        reason: .invalidComposite, line: 2),
      SpecCase(
        section: "ABNF native-buckets", "positive before negative",
        text:
          "# TYPE a histogram\na {count:2,sum:1,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[0:1],positive_buckets:[1],negative_spans:[0:1],negative_buckets:[1]}\n# EOF\n",
        reason: .invalidComposite, line: 2),
      SpecCase(
        section: "ABNF histogram-buckets", "classic before native",
        text:
          "# TYPE a histogram\na {count:1,sum:1,bucket:[+Inf:1],schema:0,zero_threshold:1,zero_count:1}\n# EOF\n",
        reason: .invalidComposite, line: 2),
      SpecCase(
        section: "ABNF nh-span", "a second span that goes back",
        text:
          "# TYPE a histogram\na {count:2,sum:1,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[3:1,-1:1],positive_buckets:[1,1]}\n# EOF\n",
        reason: .rule(.nativeSpansInvalid), line: 2),
      SpecCase(
        section: "ABNF nh-span", "an empty span",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[3:0],positive_buckets:[]}\n# EOF\n",
        reason: .rule(.nativeSpansInvalid), line: 2),
      SpecCase(
        section: "ABNF nh-span", "a length with a sign",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[3:+1],positive_buckets:[1]}\n# EOF\n",
        reason: .invalidNumber, line: 2),
      SpecCase(
        section: "ABNF nh-span", "no length",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[3],positive_buckets:[1]}\n# EOF\n",
        reason: .invalidComposite, line: 2),
      SpecCase(
        section: "ABNF nh-span", "an offset beyond 32 bits",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[3000000000:1],positive_buckets:[1]}\n# EOF\n",
        reason: .numberOutOfRange, line: 2),
      SpecCase(
        section: "Histogram with Native Buckets", "more buckets than the spans are long",
        text:
          "# TYPE a histogram\na {count:2,sum:1,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[0:1],positive_buckets:[1,1]}\n# EOF\n",
        reason: .rule(.nativeSpansInvalid), line: 2),
      SpecCase(
        section: "Histogram with Native Buckets", "fewer buckets than the spans are long",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[0:3],positive_buckets:[1]}\n# EOF\n",
        reason: .rule(.nativeSpansInvalid), line: 2),
      SpecCase(
        section: "Native Buckets", "a negative bucket",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[0:2],positive_buckets:[-1,2]}\n# EOF\n",
        reason: .rule(.countNegative), line: 2),
      SpecCase(
        section: "Native Buckets", "more in buckets than the count",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[0:1],positive_buckets:[2]}\n# EOF\n",
        reason: .rule(.countMismatch), line: 2),
      SpecCase(
        section: "Native Buckets", "fewer in buckets than the count, and a sum",
        text:
          "# TYPE a histogram\na {count:2,sum:1,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[0:1],positive_buckets:[1]}\n# EOF\n",
        reason: .rule(.countMismatch), line: 2),
      SpecCase(
        section: "Native Buckets", "a bucket beyond infinity",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[1026:1],positive_buckets:[1]}\n# EOF\n",
        reason: .rule(.nativeSpansInvalid), line: 2),
      SpecCase(
        section: "Native Buckets", "a negative bucket beyond infinity",
        text:
          "# TYPE a histogram\na {count:1,sum:1,schema:-4,zero_threshold:1e-4,zero_count:0,negative_spans:[66:1],negative_buckets:[1]}\n# EOF\n",
        reason: .rule(.nativeSpansInvalid), line: 2),
    ])
}
