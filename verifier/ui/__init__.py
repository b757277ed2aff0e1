"""The Streamlit pages: they draw what the pipeline gives, and compute nothing themselves."""
