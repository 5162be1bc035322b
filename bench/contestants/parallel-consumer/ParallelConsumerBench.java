import static io.confluent.parallelconsumer.ParallelConsumerOptions.CommitMode.PERIODIC_CONSUMER_ASYNCHRONOUS;
import static io.confluent.parallelconsumer.ParallelConsumerOptions.ProcessingOrder.KEY;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.confluent.parallelconsumer.ParallelConsumerOptions;
import io.confluent.parallelconsumer.ParallelStreamProcessor;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Confluent's Parallel Consumer: order by key, asynchronous periodic commits (its fastest mode), a
 * handler that parses the message and waits.
 */
public class ParallelConsumerBench {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WAIT = Measure.number("WAIT", 5);
  private static final Measure measure = new Measure();

  public static void main(String[] arguments) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", System.getenv("BROKERS"));
    properties.put("group.id", System.getenv("GROUP"));
    properties.put("auto.offset.reset", "earliest");
    properties.put("enable.auto.commit", "false");
    properties.put("max.poll.records", System.getenv().getOrDefault("MAX_POLL_RECORDS", "500"));
    var consumer =
        new KafkaConsumer<String, byte[]>(
            properties, new StringDeserializer(), new ByteArrayDeserializer());
    var options =
        ParallelConsumerOptions.<String, byte[]>builder()
            .ordering(KEY)
            .commitMode(PERIODIC_CONSUMER_ASYNCHRONOUS)
            .maxConcurrency(Measure.number("CONCURRENCY", 100))
            .consumer(consumer)
            .build();
    var processor = ParallelStreamProcessor.createEosStreamProcessor(options);
    processor.subscribe(List.of(System.getenv("TOPIC")));
    processor.poll(
        context -> {
          try {
            JSON.readTree(context.value());
            Thread.sleep(WAIT);
          } catch (Exception error) {
            throw new IllegalStateException(error);
          }
          measure.handled(context.getSingleConsumerRecord().timestamp());
        });
  }
}
