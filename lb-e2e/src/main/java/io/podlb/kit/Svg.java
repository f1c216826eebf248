package io.podlb.kit;

import java.io.StringWriter;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * An SVG document in the making. Text and attributes may be foreign: they are escaped, and characters that XML does not
 * have are replaced. Not thread-safe.
 */
final class Svg {

    private static final int REPLACEMENT = 0xFFFD;

    private final StringWriter text = new StringWriter();
    private final XMLStreamWriter xml;

    /** An empty document of that size in pixels. */
    Svg(int width, int height) {
        try {
            // The one of the JDK: another on the class path might write otherwise.
            xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
        } catch (XMLStreamException e) {
            throw notIo(e);
        }
        open("svg", "xmlns", "http://www.w3.org/2000/svg", "role", "img");
        attributes("width", width, "height", height, "viewBox", "0 0 " + width + " " + height);
    }

    /** Begins an element; attributes are names and values in turn. */
    Svg open(String element, Object... attributes) {
        try {
            xml.writeCharacters("\n");
            xml.writeStartElement(element);
        } catch (XMLStreamException e) {
            throw notIo(e);
        }
        return attributes(attributes);
    }

    /** More attributes of the element begun last, which must be empty so far. */
    Svg attributes(Object... attributes) {
        try {
            for (int i = 0; i < attributes.length; i += 2) {
                xml.writeAttribute(attributes[i].toString(), value(attributes[i + 1]));
            }
        } catch (XMLStreamException e) {
            throw notIo(e);
        }
        return this;
    }

    /** Ends the element begun last. */
    Svg close() {
        try {
            xml.writeEndElement();
        } catch (XMLStreamException e) {
            throw notIo(e);
        }
        return this;
    }

    /** An element that holds nothing but text. */
    Svg text(String element, String content, Object... attributes) {
        open(element, attributes);
        try {
            xml.writeCharacters(legal(content));
        } catch (XMLStreamException e) {
            throw notIo(e);
        }
        return close();
    }

    /** A shape with the text that is shown while the pointer is on it. */
    Svg shape(String element, String title, Object... attributes) {
        return open(element, attributes).text("title", title).close();
    }

    /** The whole, with all elements ended. */
    String finish() {
        try {
            xml.writeEndDocument();
        } catch (XMLStreamException e) {
            throw notIo(e);
        }
        return text + "\n";
    }

    private static String value(Object value) {
        return value instanceof Double number ? String.format(Locale.ROOT, "%.1f", number) : legal(value.toString());
    }

    /** With U+FFFD for what is no Char of XML 1.0, 2.2: most control characters, halves of surrogate pairs. */
    private static String legal(String foreign) {
        int[] points = foreign.codePoints()
                .map(point -> isLegal(point) ? point : REPLACEMENT)
                .toArray();
        return new String(points, 0, points.length);
    }

    private static boolean isLegal(int point) {
        return point == '\t'
                || point == '\n'
                || point == '\r'
                || point >= 0x20 && point <= 0xD7FF
                || point >= 0xE000 && point <= 0xFFFD
                || point >= 0x10000;
    }

    private static IllegalStateException notIo(XMLStreamException e) {
        // Into memory, from a sequence of calls that this class makes: nothing outside can cause it.
        return new IllegalStateException("SVG cannot be written: " + e, e);
    }
}
