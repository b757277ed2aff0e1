"""The app: ``streamlit run app.py`` or ``verifier app``."""

from verifier.ui import navigation

navigation.run()
