import java.io.FileWriter;
import java.io.IOException;
import org.apache.hadoop.fs.Path;

/** Notes which thread renames. On S3 that is a copy: a driver that does it copies a table, one object after the other. */
public class RecordingS3A extends FakeS3A {
  @Override
  public boolean rename(Path from, Path to) throws IOException {
    synchronized (RecordingS3A.class) {
      try (FileWriter notes = new FileWriter(getConf().get("fake.base") + "/renames.txt", true)) {
        notes.write(Thread.currentThread().getName() + "\n");
      }
    }
    return super.rename(from, to);
  }
}
