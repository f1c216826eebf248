package io.podlb.control;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.podlb.control.access.AccessLog;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Sets up the log: one line per event on stderr, since stdout is for what a verb is asked for; a line per connection, in
 * the access log, is. In code and not in a file on the class path, so that whoever embeds podlb keeps the log of his own.
 */
final class LogSetup {

    private static final String PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0}: %msg%n";

    private LogSetup() {}

    static void configure(LogOptions options) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder(options.format, context));
        appender.start();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(options.level.name()));
        root.addAppender(appender);
        Logger access = context.getLogger(AccessLog.LOGGER);
        access.setLevel(Level.INFO); // what is logged is said elsewhere
        access.setAdditive(false);
        access.addAppender(access(context));
        // Not worth a warning that nobody can act upon: a namespace with nothing but lo has no hardware address.
        context.getLogger("io.netty.util.internal.MacAddressUtil").setLevel(Level.ERROR);
        // Each failed attempt with a stack; what is wrong with the API server is told once, by those who ask it.
        for (String chatty : List.of(
                "io.fabric8.kubernetes.client.informers.impl.cache.Reflector",
                "io.fabric8.kubernetes.client.dsl.internal.AbstractWatchManager")) {
            context.getLogger(chatty).setLevel(Level.OFF);
        }
        if (options.level == LogOptions.Level.DEBUG) {
            // Netty tells at debug how it was built; only trace wants that.
            context.getLogger("io.netty").setLevel(Level.INFO);
        }
    }

    /** The lines as they are: each has its form and its time already. */
    private static ConsoleAppender<ILoggingEvent> access(LoggerContext context) {
        PatternLayoutEncoder plain = new PatternLayoutEncoder();
        plain.setContext(context);
        plain.setPattern("%msg%n");
        plain.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setEncoder(plain);
        appender.start();
        return appender;
    }

    private static Encoder<ILoggingEvent> encoder(LogOptions.Format format, LoggerContext context) {
        if (format == LogOptions.Format.JSON) {
            JsonEncoder json = new JsonEncoder();
            json.setContext(context);
            json.setWithMDC(false);
            json.setWithContext(false);
            json.setWithSequenceNumber(false);
            json.setWithNanoseconds(false);
            json.setWithMessage(false); // the pattern and its arguments; what people read is the formatted one
            json.setWithArguments(false);
            json.setWithFormattedMessage(true);
            json.start();
            return json;
        }
        PatternLayoutEncoder text = new PatternLayoutEncoder();
        text.setContext(context);
        text.setPattern(PATTERN);
        text.start();
        return text;
    }
}
