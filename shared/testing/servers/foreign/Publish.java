import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * What another service in Java does: publishes claims with Kafka's own client.
 *
 * java -cp 'kafka-clients.jar:…' Publish.java SERVERS TOPIC < lines of "key TAB value"
 *
 * Prints where each record lies: "partition TAB offset". An empty key is no key.
 */
public class Publish {
    public static void main(String[] told) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", told[0]);
        settings.put("acks", "all");
        settings.put("max.block.ms", "20000");
        StringSerializer text = new StringSerializer();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings, text, text)) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int tab = line.indexOf('\t');
                String key = tab > 0 ? line.substring(0, tab) : null;
                sent.add(producer.send(new ProducerRecord<>(told[1], key, line.substring(tab + 1))));
            }
            for (Future<RecordMetadata> one : sent) {
                System.out.println(one.get().partition() + "\t" + one.get().offset());
            }
        }
    }
}
