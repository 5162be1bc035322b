import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.compress.Lz4BlockInputStream;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.BufferSupplier;

/**
 * The plain loop in Java, one thread: poll, Kafka's own reader of LZ4 frames, a Jackson tree,
 * commitAsync once a second. All else as kafka-clients has it.
 */
public class PlainJavaBench {
  private static final ObjectMapper JSON = new ObjectMapper();
  /** Its buffers are used again: this thread is the only one. */
  private static final BufferSupplier BUFFERS = BufferSupplier.create();

  public static void main(String[] arguments) throws IOException {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", System.getenv("BROKERS"));
    properties.put("group.id", System.getenv("GROUP"));
    properties.put("auto.offset.reset", "earliest");
    properties.put("enable.auto.commit", "false");
    var measure = new Measure();
    try (var consumer =
        new KafkaConsumer<byte[], byte[]>(
            properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(System.getenv("TOPIC")));
      long committed = System.nanoTime();
      while (true) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          if (record.value() == null) continue;
          try (var content = new Lz4BlockInputStream(ByteBuffer.wrap(record.value()), BUFFERS, false)) {
            JSON.readTree(content);
          }
          measure.handled(record.timestamp());
        }
        if (System.nanoTime() - committed < 1_000_000_000L) continue;
        consumer.commitAsync();
        committed = System.nanoTime();
      }
    }
  }
}
